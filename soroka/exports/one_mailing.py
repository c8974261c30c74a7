"""What one mailing came to, as a table: the whole and every part of it in rows of one shape."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from soroka.domain.message import Reason
from soroka.exports.table import Table, moment
from soroka.models import Mailing
from soroka.statistics.tally import full

PARTS = ("mailing", "reason", "timezone", "operator_code", "minute")
_COUNTS = ("total", "in_process", "delivered", "not_sent")
COLUMNS = ("part", "part_display", "value", "value_display", *_COUNTS)
#: The part, its value, that in words, and the counts it has.
_Part = tuple[str, str, str, Mapping[str, int]]


def one_mailing(mailing: Mailing, part_words: Mapping[str, str], reason_words: Mapping[Reason, str]) -> Table:
    """The counts of a mailing, as they are now: in all, by reason, time zone, operator code and minute.

    part_words: of ``PARTS``.  A count that a part does not have is an empty cell.
    """
    found = full(mailing)
    said = {reason.slug: reason_words[reason] for reason in Reason}
    parts = _parts(mailing, found, said)
    return Table(COLUMNS, ([part, part_words[part], *named, *map(four.get, _COUNTS)] for part, *named, four in parts))


def _parts(mailing: Mailing, found: Mapping[str, Any], reason_words: Mapping[str, str]) -> Iterator[_Part]:
    yield "mailing", str(mailing.pk), mailing.name, found
    for slug, number in found["not_sent_by_reason"].items():
        yield "reason", slug, reason_words[slug], {"not_sent": number}
    for part in ("timezone", "operator_code"):
        for value, four in found[f"by_{part}"].items():
            yield part, value, value, four
    for minute in found["per_minute"]:
        at = moment(datetime.fromisoformat(minute["minute"])) or ""
        yield "minute", at, at, minute
