"""Wall-clock time found by search, from UTC to local only: the direction that ``instant`` does not take."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """Naive wall-clock time of an aware instant."""
    return zone.fromutc(moment.replace(tzinfo=zone)).replace(tzinfo=None, fold=0)


def offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return local(moment, zone) - moment.replace(tzinfo=None)


def changes(zone: ZoneInfo, since: datetime, until: datetime, step: timedelta) -> list[datetime]:
    """The first instants, to the second, at which another offset holds. Two within one step can escape it."""
    found = []
    while since < until:
        if offset(since, zone) != offset(since + step, zone):
            found.append(_first_with_another_offset(zone, since, since + step))
        since += step
    return found


def _first_with_another_offset(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    old = offset(before, zone)
    while after - before > SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if offset(middle, zone) == old:
            before = middle
        else:
            after = middle
    return after


def showings(wall: datetime, zone: ZoneInfo) -> list[datetime]:
    """Every instant at which the clocks of the zone show ``wall``, in order. None in a gap, two in a fold."""
    middle = wall.replace(tzinfo=UTC)
    offsets = {offset(middle + HOUR * hours, zone) for hours in range(-26, 27)}
    return sorted(middle - each for each in offsets if local(middle - each, zone) == wall)


def gap_around(wall: datetime, zone: ZoneInfo) -> timedelta:
    """By how much the clocks jump over ``wall``, which they never show."""
    middle = wall.replace(tzinfo=UTC)
    for change in changes(zone, middle - DAY - DAY, middle + DAY + DAY, HOUR):
        if local(change - SECOND, zone) < wall < local(change, zone):
            return local(change, zone) - local(change - SECOND, zone) - SECOND
    raise AssertionError(f"{wall} is not in a gap of {zone}")
