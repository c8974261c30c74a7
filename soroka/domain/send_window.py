"""At which hours clients may be written to, by their own clocks: pure rules, no clock of their own."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Self
from zoneinfo import ZoneInfo

#: Minutes.
DAY = 24 * 60
#: Of ISO 8601: Monday is 1, Sunday is 7.
WEEK = frozenset(range(1, 8))
_ONE_DAY, _ONE_SECOND = timedelta(days=1), timedelta(seconds=1)
_HOUR = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00", re.ASCII)


class BadHours(ValueError):
    """What was written is no send window; the words say why."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Clients of a zone may be written to from ``opens_at`` to just before ``closes_at``, UTC."""

    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Reopening:
    """The next opening for what was not sent by a close. shut: for how long no window was open until it begins."""

    opening: Opening
    shut: timedelta


@dataclass(frozen=True, slots=True)
class SendWindow:
    """The hours at which clients may be written to, by the clocks on their walls.

    opens: minutes since the midnight with which a day begins, 0 to 1439.  closes: likewise, 1 to 1440 after ``opens``:
    past 1440 it is on the day after, and the window is over midnight.
    days: of the week, 1 to 7, on which it opens.  holidays: dates on which it does not, whatever the day.
    Raises BadHours.
    """

    opens: int
    closes: int
    days: frozenset[int] = WEEK
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not self.days:
            raise BadHours("A window needs a day on which it opens.")

    @classmethod
    def between(
        cls, opens: str, closes: str, days: frozenset[int] = WEEK, holidays: frozenset[date] = frozenset()
    ) -> Self:
        """From ``opens`` to ``closes``, both HH:MM, 24:00 for midnight; over it where the second is the earlier one.

        Raises BadHours where the two are one: nobody can tell whether all of the day is meant or nothing.
        """
        first, last = minutes_of(opens), minutes_of(closes) or DAY
        if first == DAY:
            raise BadHours("A day begins at 00:00.")
        if opens == closes:
            raise BadHours("It opens and closes at the same time; write a whole day as 00:00 to 24:00.")
        return cls(first, last if last > first else last + DAY, days, holidays)

    @classmethod
    def parse(cls, text: str, holidays: frozenset[date] = frozenset()) -> Self:
        """``09:00-21:00``, if you like with days: ``09:00-21:00 1-5`` or ``09:00-21:00 1,2,6``. Raises BadHours."""
        found = re.fullmatch(r"(\S{5})-(\S{5})(?: +([1-7](?:-[1-7])?(?:,[1-7](?:-[1-7])?)*))?", text.strip(), re.ASCII)
        if found is None:
            raise BadHours("It is written like 09:00-21:00, with days like 09:00-21:00 1-5; Monday is 1.")
        opens, closes, days = found.groups()
        return cls.between(opens, closes, _days(days) if days else WEEK, holidays)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """What ``to_json`` gave."""
        holidays = frozenset(map(date.fromisoformat, kept["holidays"]))
        return cls.between(kept["from"], kept["to"], frozenset(kept["days"]), holidays)

    def to_json(self) -> dict[str, Any]:
        """``{"from": "09:00", "to": "21:00", "days": [1, 2], "holidays": ["2027-01-01"]}``; midnight is 24:00 to."""
        return {
            "from": _written(self.opens),
            "to": _written(self.closes if self.closes <= DAY else self.closes - DAY),
            "days": sorted(self.days),
            "holidays": [day.isoformat() for day in sorted(self.holidays)],
        }

    def __str__(self) -> str:
        """``09:00-21:00 1,2,3,4,5``: as ``parse`` reads it."""
        kept = self.to_json()
        days = "" if self.days == WEEK else " " + ",".join(map(str, kept["days"]))
        return f"{kept['from']}-{kept['to']}{days}"

    def within(self, other: "SendWindow") -> bool:
        """Whether each of its openings lies in one of the other's; false also where it lies in two that touch."""
        return self._within(other) or self._within(other._the_day_before())

    def shows_open(self, wall: datetime) -> bool:
        """Whether it is open where the clock on the wall shows ``wall``, naive."""
        since_midnight = wall - datetime.combine(wall.date(), time())
        return any(
            self._opens_on(wall.date() - _ONE_DAY * before)
            and _minutes(self.opens) <= since_midnight + _ONE_DAY * before < _minutes(self.closes)
            for before in (0, 1)
        )

    def openings(self, zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[Opening]:
        """The parts of ``[since, until)`` at which a clock on a wall in ``zone`` shows an hour of the window, in order.

        since, until: aware.  Lazy: the first costs a few days' look, however far ``until`` is.
        A clock that jumps over the opening opens it at the jump. An hour that is shown twice counts both times: a
        window that opens in the midst of it has two openings that day, and none is open while the clock shows another
        hour. Openings that touch, as from 00:00 to 24:00, are two.  Source: ADR-0017.
        """
        day = since.astimezone(zone).date() - _ONE_DAY
        begin = self._begin(day, zone)
        while begin < until:
            end = self._begin(day + _ONE_DAY, zone)
            for opens_at, closes_at in self._between(begin, end, day, zone):
                if max(opens_at, since) < min(closes_at, until):
                    yield Opening(max(opens_at, since), min(closes_at, until))
            day, begin = day + _ONE_DAY, end

    def reopening(self, zone: ZoneInfo, closed_at: datetime, until: datetime, *, now: datetime) -> Reopening | None:
        """The first opening since ``closed_at`` that is not over by ``now``; None where there is none before ``until``.

        closed_at, until, now: aware.  Openings in which nobody was there to send are no time that it was shut.
        """
        shut = timedelta()
        for opening in self.openings(zone, closed_at, until):
            shut += opening.opens_at - closed_at
            if opening.closes_at > now:
                return Reopening(opening, shut)
            closed_at = opening.closes_at
        return None

    def _begin(self, day: date, zone: ZoneInfo) -> datetime:
        """The first moment at which it could open on a day: in a gap the clock is asked for by both of its offsets."""
        return min(_showings(day, self.opens, zone))

    def _between(
        self, begin: datetime, end: datetime, day: date, zone: ZoneInfo
    ) -> Iterator[tuple[datetime, datetime]]:
        """When it is open between the first moments at which it could open on ``day`` and on the next."""
        if change := _change(begin, end, zone):
            edges = {begin, end, change}
            for minutes in (self.opens - DAY, self.closes - DAY, self.opens, self.closes):
                edges.update(_showings(day, minutes, zone))
            yield from self._open_parts(sorted(edge for edge in edges if begin <= edge <= end), zone)
        elif self._opens_on(day):
            yield begin, min(begin + _minutes(self.closes - self.opens), end)

    def _open_parts(self, edges: list[datetime], zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
        """When it is open from the first of the edges to the last, where nothing opens or closes but at an edge."""
        opened_at = None
        for edge, after in pairwise(edges):
            if self.shows_open(edge.astimezone(zone).replace(tzinfo=None)):
                opened_at = opened_at or edge
                if after == edges[-1]:
                    yield opened_at, after
            elif opened_at:
                yield opened_at, edge
                opened_at = None

    def _opens_on(self, day: date) -> bool:
        return day.isoweekday() in self.days and day not in self.holidays

    def _within(self, other: "SendWindow") -> bool:
        return (
            other.opens <= self.opens
            and self.closes <= other.closes
            and self.days <= other.days
            and self.holidays >= other.holidays
        )

    def _the_day_before(self) -> "SendWindow":
        """The same hours, as said of the day after the one on which it opens."""
        return SendWindow(
            self.opens - DAY,
            self.closes - DAY,
            frozenset(day % 7 + 1 for day in self.days),
            frozenset(day + _ONE_DAY for day in self.holidays),
        )


def minutes_of(hour: str) -> int:
    """Minutes since midnight of HH:MM, up to 24:00. Raises BadHours."""
    if not _HOUR.fullmatch(hour):
        raise BadHours("An hour is written like 09:00, from 00:00 to 24:00.")
    return int(hour[:2]) * 60 + int(hour[3:])


def parse_holidays(text: str) -> frozenset[date]:
    """Dates like 2027-01-01, separated by commas. Raises BadHours."""
    try:
        return frozenset(date.fromisoformat(each.strip()) for each in text.split(",") if each.strip())
    except ValueError:
        raise BadHours("Dates are written like 2027-01-01, separated by commas.") from None


def _days(text: str) -> frozenset[int]:
    """1-5 or 1,2,6-7. Raises BadHours."""
    days: set[int] = set()
    for part in text.split(","):
        first, last = int(part[0]), int(part[-1])
        if last < first:
            raise BadHours("Days are counted from Monday, 1, to Sunday, 7.")
        days.update(range(first, last + 1))
    return frozenset(days)


def _written(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _minutes(minutes: int) -> timedelta:
    return timedelta(minutes=minutes)


def _showings(day: date, minutes: int, zone: ZoneInfo) -> list[datetime]:
    """When the clock shows so many minutes after a midnight, by the offsets before and after a change, UTC."""
    wall = datetime.combine(day, time(), zone) + _minutes(minutes)
    return [wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]


def _change(begin: datetime, end: datetime, zone: ZoneInfo) -> datetime | None:
    """The moment between the two from which on the clock has the offset that it has at ``end``; None: it has it."""
    new = end.astimezone(zone).utcoffset()
    if begin.astimezone(zone).utcoffset() == new:
        return None
    while end - begin > _ONE_SECOND:
        middle = begin + (end - begin) // 2
        if middle.astimezone(zone).utcoffset() == new:
            end = middle
        else:
            begin = middle
    return end.replace(microsecond=0)
