"""What a file is made of, whatever its format."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import localtime

#: A number stays one where the format knows numbers; None is an empty cell.
Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Table:
    """columns: their names.  rows: cells in the same order, read only once and while they are sent."""

    columns: Sequence[str]
    rows: Iterator[Sequence[Cell]]


def moment(at: datetime | None) -> str | None:
    """A moment by the clocks of the service's zone: ``2026-11-27T10:00:00+03:00``."""
    return localtime(at).isoformat(timespec="seconds") if at else None
