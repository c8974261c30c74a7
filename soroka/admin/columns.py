"""Columns that lists of several tables have: short moments and grouped numbers of a row."""

from collections.abc import Callable
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from unfold.decorators import display

Column = Callable[[Any, Any], str | None]


def moment(name: str, description: Any) -> Column:
    """A moment of a row by the viewer's clock, to the minute; empty where there is none yet."""

    @display(description=description, ordering=name, empty_value="")
    def column(self: Any, row: Any) -> str | None:
        at = getattr(row, name)
        return date_format(localtime(at), "SHORT_DATETIME_FORMAT") if at else None

    return column  # type: ignore[no-any-return]


def number(name: str, description: Any) -> Column:
    """A number of a row, its thousands set apart."""

    @display(description=description, ordering=name)
    def column(self: Any, row: Any) -> str | None:
        return str(number_format(getattr(row, name), force_grouping=True))

    return column  # type: ignore[no-any-return]
