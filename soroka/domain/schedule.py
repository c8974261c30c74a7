"""When each client is due: pure rules of wall-clock time, one tz database, no clock of their own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from soroka.domain.send_window import Opening, SendWindow

#: What the tz database offers beside the places: the machine's own setting, and "no zone was set".
NOT_A_PLACE = frozenset({"localtime", "posixrules", "Factory"})


class UnknownZone(ValueError):
    """The name is not one of ``zone_names()``."""


class BadSpan(ValueError):
    """The end of a mailing is not after its start, so that nobody could ever be due."""


@cache
def zone_names() -> frozenset[str]:
    """Every IANA name that a client or the service may carry."""
    return frozenset(available_timezones()) - NOT_A_PLACE


def known_zone(name: str) -> ZoneInfo:
    """The zone of that exact IANA name. Raises UnknownZone: also for paths, POSIX rules and what is no string."""
    if not isinstance(name, str) or name not in zone_names():
        raise UnknownZone(f"{str(name)[:64]!r} is not an IANA time zone; write it like 'Europe/Moscow'.")
    return ZoneInfo(name)


def wall_clock(moment: datetime, zone: ZoneInfo) -> datetime:
    """What a clock on a wall in ``zone`` shows at ``moment``: aware in, naive out. Raises ValueError."""
    return _shift(moment, zone).replace(tzinfo=None, fold=0)


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """When a clock on a wall in ``zone`` shows ``wall``: naive in, aware UTC out.

    A time that a DST gap skips moves forward by the gap; one that exists twice takes the first. Both are what
    PEP 495 says of fold=0: the offset before the change holds.  Raises ValueError.  Source: ADR-0004.
    """
    if wall.tzinfo is not None:
        raise ValueError("A wall-clock time carries no UTC offset.")
    return _shift(wall.replace(tzinfo=zone, fold=0), UTC)


def read_moment(value: str | datetime, service_zone: ZoneInfo) -> datetime:
    """The instant, UTC, that an ISO 8601 text or a datetime means; without an offset it is wall-clock in the zone.

    Raises ValueError, in words for the caller, for other texts, for a date without a time, and outside years 1 to 9999.
    """
    moment = _parse(value) if isinstance(value, str) else value
    if moment.utcoffset() is None:
        return instant(moment.replace(tzinfo=None), service_zone)
    return _shift(moment, UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when a mailing may be offered.

    starts_at, ends_at: aware instants.  zone: IANA name of the service's zone when the mailing was made.
    local: both are read as wall-clock times in ``zone`` and mean the same wall-clock time in each client's zone;
    else they are the same instants for everybody.

    Raises BadSpan where the end is not after the start, with ``local`` also by the wall clock: from 02:50 to 02:10
    of the hour that is repeated in autumn is twenty minutes in ``zone`` and less than nothing elsewhere.
    """

    starts_at: datetime
    ends_at: datetime
    local: bool
    zone: str

    def __post_init__(self) -> None:
        if self.ends_at <= self.starts_at:
            raise BadSpan("The end must be after the start.")
        if self.local and self.local_end <= self.local_start:
            raise BadSpan(f"By the wall clock of {self.zone} the end must be after the start.")

    @property
    def local_start(self) -> datetime:
        """The start as the clocks of the service's zone show it, naive."""
        return wall_clock(self.starts_at, known_zone(self.zone))

    @property
    def local_end(self) -> datetime:
        """The end as the clocks of the service's zone show it, naive."""
        return wall_clock(self.ends_at, known_zone(self.zone))


@dataclass(frozen=True, slots=True)
class Moments:
    """When the clients of one zone are due, UTC: not before ``due_at``, not at or after ``expires_at``.

    deadline: their end of the span. What is left at ``expires_at`` goes on in the next opening before it, if there
    is one; without a send window the two are one.
    """

    due_at: datetime
    expires_at: datetime
    deadline: datetime

    @property
    def expired(self) -> bool:
        """No moment is left between the first two."""
        return self.expires_at <= self.due_at


def moments(span: Span, client_zone: ZoneInfo, *, now: datetime, window: SendWindow | None = None) -> Moments:
    """When the clients of a zone are due, and until when. now: aware.

    ``due_at`` is ``now`` once the start has passed; the clients are expired once the end has.
    A span can be empty in one zone: where clocks jump from 02:00 to 03:00, a start at 02:30 moves to 03:30 and an
    end at 03:10 exists and stays. ``expires_at`` is then raised to the start, never left before it, and the clients of
    that zone are expired from the beginning. A repeated hour only makes a span longer.  Raises ValueError.
    window: the two are then those of the first of ``openings``; where there is none, the clients are expired.
    """
    start, end = _bounds(span, client_zone)
    due, deadline = max(start, _shift(now, UTC)), max(start, end)
    first = next(openings(span, client_zone, now=now, window=window), Opening(due, min(due, deadline)))
    return Moments(first.opens_at, first.closes_at, deadline)


def openings(
    span: Span, client_zone: ZoneInfo, *, now: datetime, window: SendWindow | None = None
) -> Iterator[Opening]:
    """All times, in order, at which the clients of a zone may be written to from ``now`` on: lazily, UTC.

    Each is an ``Opening(opens_at, closes_at)``, within the span; without a window there is one. The first is the
    ``due_at`` and ``expires_at`` of ``moments``. None where the clients are expired.  Raises ValueError.
    """
    start, end = _bounds(span, client_zone)
    due = max(start, _shift(now, UTC))
    if window is not None:
        yield from window.openings(client_zone, due, end)
    elif due < end:
        yield Opening(due, end)


def _bounds(span: Span, client_zone: ZoneInfo) -> tuple[datetime, datetime]:
    if span.local:
        return instant(span.local_start, client_zone), instant(span.local_end, client_zone)
    return _shift(span.starts_at, UTC), _shift(span.ends_at, UTC)


def _shift(moment: datetime, zone: tzinfo) -> datetime:
    if moment.utcoffset() is None:  # astimezone would take the zone of this machine
        raise ValueError("A moment needs its UTC offset.")
    try:
        return moment.astimezone(zone)
    except OverflowError:
        raise ValueError("This time is too close to the ends of the calendar, years 1 and 9999.") from None


def _parse(text: str) -> datetime:
    if _is_date(text):
        raise ValueError("A date needs a time; write it like 2026-11-27T10:00 or 2026-11-27T10:00:00+03:00.")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            "This is not an ISO 8601 time; write it like 2026-11-27T10:00 or 2026-11-27T10:00:00+03:00."
        ) from None


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
