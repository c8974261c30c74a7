"""When a mailing would be due, zone by zone, as its page says it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from soroka.domain.schedule import Moments, Span, known_zone, moments, wall_clock
from soroka.models.clock import database_now


@dataclass(frozen=True, slots=True)
class Due:
    """due_at: aware.  there: what a clock in the zone shows then, naive.  at_once: its time has come already."""

    zone: str
    due_at: datetime
    there: datetime
    at_once: bool
    expired: bool


def times_of(asked: dict[str, Any], zones: list[str]) -> dict[str, Any]:
    """asked: the times of ``create_mailing``.  rows: a ``Due`` for each zone, the earliest first."""
    now = database_now()
    span = Span(asked["starts_at"] or now, asked["ends_at"], asked["local_time"], settings.TIME_ZONE)
    rows = [_due(zone, moments(span, known_zone(zone), now=now, window=asked["window"]), now) for zone in zones]
    rows.sort(key=lambda row: (row.due_at, row.zone))
    ahead = [row for row in rows if not row.expired]
    return {
        "start": asked["starts_at"],
        "local_start": span.local_start if asked["local_time"] else None,
        "rows": rows,
        "first": ahead[0] if ahead else None,
        "last": ahead[-1] if ahead else None,
        "at_once": [row.zone for row in ahead if row.at_once] if asked["starts_at"] else [],
        "late": [row.zone for row in rows if row.expired],
    }


def _due(zone: str, when: Moments, now: datetime) -> Due:
    return Due(zone, when.due_at, wall_clock(when.due_at, known_zone(zone)), when.due_at <= now, when.expired)
