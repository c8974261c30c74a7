"""The Retry-After header (RFC 9110, 10.2.3)."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 24 * 60 * 60.0  # a server that asks for more has a wrong clock, or nobody would notice it is back


def seconds_to_wait(header: str | None, now: datetime) -> float | None:
    """Seconds for which the server wants to be left alone, 0 to a day; None where it says nothing intelligible.

    header: whole seconds or an HTTP date.  now: aware.
    """
    value = (header or "").strip()
    if value.isascii() and value.isdecimal():
        return min(float(value), LONGEST)
    moment = _moment(value)
    return None if moment is None else min(max((moment - now).total_seconds(), 0.0), LONGEST)


def _moment(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
