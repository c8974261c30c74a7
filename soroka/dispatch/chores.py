"""What every tick does: bring back, expire, move, close, fold, and say for whom a signal is due."""

import time
from dataclasses import dataclass

from soroka.delivery.pump import LINGER
from soroka.models import ClientImport, ImportState, Mailing
from soroka.planning import idempotency
from soroka.queue import claim, close, failover, rescue
from soroka.statistics import tally

#: Seconds that closing may take in one tick: a long queue of it must not keep the next tick waiting.
_CLOSING_SECONDS = 3.0
#: How many mailings and imports one tick rings for.
_MOST = 20


@dataclass(frozen=True, slots=True)
class Due:
    """Whom to ring for: mailings that are not planned whole, imports that are not taken over, due batches."""

    mailings: list[int]
    imports: list[int]
    batches: bool


def tick() -> Due:
    """Do the chores. Safe to run twice at once, and to miss."""
    rescue.rescue()
    close.expire()
    failover.move()
    end = time.monotonic() + _CLOSING_SECONDS
    while close.close_next() and time.monotonic() < end:
        pass
    tally.fold()
    idempotency.forget_old()
    unplanned = Mailing.objects.filter(planned_at=None, cancelled_at=None)
    unfinished = ClientImport.objects.filter(state__in=[ImportState.QUEUED, ImportState.RUNNING])
    return Due(
        mailings=list(unplanned.order_by("id").values_list("id", flat=True)[:_MOST]),
        imports=list(unfinished.order_by("id").values_list("id", flat=True)[:_MOST]),
        # A pump waits for what becomes due within LINGER; the rest of a second is the way from here to it.
        batches=claim.any_due(ahead=LINGER + 0.2),
    )
