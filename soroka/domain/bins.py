"""Counts by minute gathered into bars, as many as a chart can show so that each is still seen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

MOST_BARS = 200
#: Minutes that a bar may have. A span beyond what the last holds has bars of several of it.
_WIDTHS = (1, 5, 15, 60, 240, 1440, 10_080)
_DAY = 1440


@dataclass(frozen=True, slots=True)
class Bar:
    """What was settled in one bar. at: when it begins, aware, in the zone of the chart."""

    at: datetime
    delivered: int = 0
    not_sent: int = 0


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars without a gap. minutes: the width of each; of bars of days that of a day without a change of clocks."""

    minutes: int
    bars: list[Bar]


def gathered(minutes: Iterable[tuple[datetime, int, int]], zone: ZoneInfo, until: datetime | None = None) -> Bars:
    """Bars from the first minute to the last, or to ``until``; those in which nothing was settled are there too.

    minutes: the beginning of each, aware, with what was delivered and not sent; in any order.
    What would be one bar gets an empty one on each side: alone it shows neither its width nor a line beside it.
    Bars begin at full hours, quarters and so on by the clocks of the zone as they are at the first, those of days at
    midnight.
    """
    found = list(minutes)
    if not found:
        return Bars(_WIDTHS[0], [])
    first = min(at for at, _, _ in found)
    last = max([at for at, _, _ in found] + ([until] if until else []))
    grid = _Grid(first, zone, _width(last - first))
    begin, end = grid.place(first), grid.place(last)
    if begin == end:
        begin, end = begin - 1, end + 1
    sums = [[0, 0] for _ in range(end - begin + 1)]
    for at, delivered, not_sent in found:
        bar = sums[grid.place(at) - begin]
        bar[0] += delivered
        bar[1] += not_sent
    begins = (grid.begin(begin + place) for place in range(len(sums)))
    return Bars(grid.width, [Bar(at, *both) for at, both in zip(begins, sums, strict=True)])


def _width(span: timedelta) -> int:
    minutes = span.total_seconds() / 60
    # One bar more than fit is begun where the first does not begin at a full one.
    for width in _WIDTHS:
        if minutes / width + 2 <= MOST_BARS:
            return width
    widest = _WIDTHS[-1]
    return widest * (int(minutes / widest / (MOST_BARS - 2)) + 1)


class _Grid:
    """Numbers the bars from the midnight before the first moment on."""

    def __init__(self, first: datetime, zone: ZoneInfo, width: int) -> None:
        self.width, self._zone = width, zone
        self._date = first.astimezone(zone).date()
        self._midnight = datetime.combine(self._date, time(), zone).astimezone(UTC)

    def place(self, at: datetime) -> int:
        """The number of the bar in which a moment lies."""
        if self.width < _DAY:
            return (at - self._midnight) // timedelta(minutes=self.width)
        return (at.astimezone(self._zone).date() - self._date).days // (self.width // _DAY)

    def begin(self, place: int) -> datetime:
        """When a bar begins."""
        if self.width < _DAY:
            return (self._midnight + place * timedelta(minutes=self.width)).astimezone(self._zone)
        return datetime.combine(self._date + timedelta(days=place * self.width // _DAY), time(), self._zone)
