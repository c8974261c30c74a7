"""Clients as a table that an import reads back unchanged."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db.models import F, Func, QuerySet, TextField

from soroka.audience.bounded import bounded_cursor
from soroka.exports.pages import pages
from soroka.exports.table import Cell, Table
from soroka.models import Client, Tag

#: The columns with a meaning of their own; behind them comes one for each attribute.
COLUMNS = ("phone", "operator_code", "tags", "timezone", "opted_out")
MOST_ATTRIBUTES = 1_000
#: Seconds in which the names of all attributes must be found.
_LIMIT = 60


class TooManyAttributes(ValueError):
    """The clients have more than ``MOST_ATTRIBUTES`` different attributes."""


class _Names(Func):
    function = "jsonb_object_keys"
    output_field = TextField()
    set_returning = True


def clients(rows: QuerySet[Client], is_ambiguous: Callable[[str], bool]) -> Table:
    """Those clients, by id. Their attributes are looked up at once, for the first line names them.

    is_ambiguous: whether an import would take a column of this name for something else than an attribute, which is
    left out then.
    Raises TooSlow and TooManyAttributes.
    """
    names = [name for name in _attributes(rows) if not is_ambiguous(name)]
    return Table([*COLUMNS, *names], _rows(rows, names))


def _attributes(rows: QuerySet[Client]) -> list[str]:
    """The names of all attributes that any of the clients has, in order."""
    found = rows.order_by().annotate(name=_Names(F("attributes"))).values_list("name", flat=True).distinct()
    with bounded_cursor(_LIMIT):
        names = sorted(found[: MOST_ATTRIBUTES + 1])
    if len(names) > MOST_ATTRIBUTES:
        raise TooManyAttributes
    return names


def _rows(rows: QuerySet[Client], names: Sequence[str]) -> Iterator[list[Cell]]:
    tags = dict(Tag.objects.values_list("pk", "name"))
    for page in pages(rows, "id", "phone", "operator_code", "tag_ids", "zone__name", "opted_out", "attributes"):
        for _, phone, code, tag_ids, zone, opted_out, attributes in page:
            carried = ";".join(sorted(tags[tag_id] for tag_id in tag_ids if tag_id in tags))
            yield [
                str(phone), f"{code:03}", carried, zone, _cell(opted_out),
                *(_cell(attributes.get(name)) for name in names),
            ]  # fmt: skip


def _cell(value: Any) -> Cell:
    """A text or a number as it is, true and false in the words of JSON, nothing for null."""
    return json.dumps(value) if isinstance(value, bool) else value
