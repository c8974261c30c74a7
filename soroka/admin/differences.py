"""What an entry of the trail says of each field, in the words of the desk."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from soroka.admin.hours import hours_in_words
from soroka.admin.words import ROLE
from soroka.api.filter_words import filter_words
from soroka.api.trail_words import KINDS
from soroka.api.words import TRIAL
from soroka.audience.filter import Filter
from soroka.domain.role import Role
from soroka.domain.send_window import SendWindow
from soroka.models import Change, Gateway, Segment, Tag, Zone

#: Values that say nothing.
_NOTHING: tuple[Any, ...] = (None, "", [], {})
#: What the desk calls fields whose column no form names.
_LABELS: dict[str, Callable[[], str]] = {
    "role": lambda: _("role"),
    "replace_tags": lambda: _("replace tags"),
    "window": lambda: _("send window"),
    "cap": lambda: _("cap"),
    "outcome": lambda: _("outcome"),
    "second_factor": lambda: _("second factor"),
    "recovery_codes": lambda: _("recovery codes left"),
    "tokens": lambda: _("refresh tokens that are good"),
    "backup": lambda: _("backup"),
    "phone_ends_in": lambda: _("phone ends in"),
}
_TABLES: dict[str, type[models.Model]] = {"tag": Tag, "zone": Zone, "gateway": Gateway, "segment": Segment}
#: Field -> the table whose rows its numbers are.
_POINTS_AT = {
    "tag_ids": "tag", "zone_id": "zone", "gateway_id": "gateway", "fallbacks": "gateway", "segment_id": "segment",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Names:
    """Table -> number -> name, of the rows that are still there."""

    by_table: Mapping[str, Mapping[int, str]]

    def of(self, table: str, number: int) -> str:
        """``#7`` where it is gone."""
        return self.by_table.get(table, {}).get(number, f"#{number}")


def names_in(changes: Iterable[Change]) -> Names:
    """The names of all rows that these entries point at: a query each table at most."""
    wanted: dict[str, set[int]] = {}
    for change in changes:
        for side in (change.before, change.after):
            for field, value in side.items():
                for table, numbers in _pointed_at(field, value):
                    wanted.setdefault(table, set()).update(numbers)
    return Names(
        {
            table: dict(_TABLES[table]._default_manager.filter(pk__in=numbers).values_list("pk", "name"))
            for table, numbers in wanted.items()
            if numbers
        }
    )


def differences(change: Change, names: Names) -> list[str]:
    """``phone: 79161234567 → 79161234568``, a line each field. Moments are by the active time zone."""
    both = change.before.keys() & change.after.keys()
    told = [
        field
        for side in (change.before, change.after)
        for field, value in side.items()
        if field in both or value not in _NOTHING
    ]
    fields = dict.fromkeys(told)  # of what was made or deleted only what it had
    return [f"{_label(change.kind, field)}: {_values(change, field, names)}" for field in fields]


def _pointed_at(field: str, value: Any) -> Iterable[tuple[str, set[int]]]:
    if value in _NOTHING:
        return
    if field == "filter":
        yield "tag", set(Filter.from_json(value).tags)
    elif table := _POINTS_AT.get(field):
        yield table, set(value) if isinstance(value, list) else {value}


def _values(change: Change, field: str, names: Names) -> str:
    sides = (change.before, change.after)
    old, new = (_shown(change.kind, field, side[field], names) if field in side else None for side in sides)
    return f"{old} → {new}" if old is not None and new is not None else (new or old or "—")


def _shown(kind: str, field: str, value: Any, names: Names) -> str:
    if value in _NOTHING:
        return "—"
    if table := _POINTS_AT.get(field):
        return ", ".join(names.of(table, number) for number in (value if isinstance(value, list) else [value]))
    if words := _WORDS.get(field):
        return words(value, names)
    return _plain(value) if (column := _column(kind, field)) is None else _of_column(column, value)


_WORDS: dict[str, Callable[[Any, Names], str]] = {
    "filter": lambda value, names: filter_words(Filter.from_json(value), names.by_table.get("tag", {})),
    "role": lambda value, names: str(ROLE[Role(value)]) if value in list(Role) else str(value),
    "outcome": lambda value, names: str(TRIAL.get(value, value)),
    "window": lambda value, names: hours_in_words(SendWindow.from_json(value)),
    "cap": lambda value, names: _("at most %(messages)d to one client within %(days)d × 24 hours") % value,
}


def _of_column(column: Any, value: Any) -> str:
    if column.choices:
        return str(dict(column.flatchoices).get(value, value))
    match column:
        case models.DateTimeField():
            return date_format(localtime(datetime.fromisoformat(value)), "DATETIME_FORMAT")
        case models.BigIntegerField():
            return str(value)  # a phone is no quantity
        case models.IntegerField():
            return number_format(value, force_grouping=True)
        case _:
            return _plain(value)


def _plain(value: Any) -> str:
    if value in _NOTHING:
        return "—"
    match value:
        case bool():
            return _("yes") if value else _("no")
        case dict():
            return ", ".join(f"{name}: {_plain(below)}" for name, below in value.items())
        case list():
            return ", ".join(map(_plain, value))
        case _:
            return str(value)


def _label(kind: str, field: str) -> str:
    if words := _LABELS.get(field):
        return words()
    column = _column(kind, field)
    return str(column.verbose_name) if column else field


def _column(kind: str, field: str) -> Any:
    try:
        return apps.get_model(KINDS.get(kind, "soroka"), kind)._meta.get_field(field)
    except (FieldDoesNotExist, LookupError):
        return None
