"""What every tick does: bring back, expire, close, fold, and say for whom a signal is due."""

import time
from dataclasses import dataclass

from soroka.delivery.pump import LINGER
from soroka.models import Mailing
from soroka.queue import claim, close, rescue
from soroka.statistics import tally

#: Seconds that closing may take in one tick: a long queue of it must not keep the next tick waiting.
_CLOSING_SECONDS = 3.0
_UNPLANNED = 20


@dataclass(frozen=True, slots=True)
class Due:
    """Whom to ring for: ids of mailings that are not planned whole, and whether pumps have something to do."""

    mailings: list[int]
    batches: bool


def tick() -> Due:
    """Do the chores. Safe to run twice at once, and to miss."""
    rescue.rescue()
    close.expire()
    end = time.monotonic() + _CLOSING_SECONDS
    while close.close_next() and time.monotonic() < end:
        pass
    tally.fold()
    unplanned = Mailing.objects.filter(planned_at=None, cancelled_at=None).order_by("id")
    # A pump waits for what becomes due within LINGER; the rest of a second is the way from here to it.
    return Due(list(unplanned.values_list("id", flat=True)[:_UNPLANNED]), claim.any_due(ahead=LINGER + 0.2))
