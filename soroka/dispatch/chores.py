"""What every tick does: bring back, expire, reopen, move, close, fold, remove what is old, and say who is due."""

import time
from dataclasses import dataclass

from django.conf import settings

from soroka.delivery.pump import LINGER
from soroka.imports.retire import let_go
from soroka.imports.retire import retire as retire_imports
from soroka.models import ClientImport, ImportState, Mailing
from soroka.models.meter import Count, Counted, count
from soroka.planning import idempotency
from soroka.queue import claim, close, failover, reopen, rescue
from soroka.queue.retire import retire as retire_messages
from soroka.statistics import carried, tally

#: Seconds that closing may take in one tick: a long queue of it must not keep the next tick waiting.
_CLOSING_SECONDS = 3.0
#: The same for what is removed by age, of messages and of imports: sending must not feel it.
RETIRING_SECONDS = 0.05
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
    rescued, expired = rescue.rescue(), close.expire()
    reopen.reopen()
    brought = {"rescued": rescued, "expired": expired, "moved": failover.move()}
    count({Count(Counted.BROUGHT, why): batches for why, batches in brought.items() if batches})
    end = time.monotonic() + _CLOSING_SECONDS
    while close.close_next() and time.monotonic() < end:
        pass
    tally.fold()
    carried.fold()
    idempotency.forget_old()
    let_go()
    if settings.RETENTION_DAYS:
        retire_messages(settings.RETENTION_DAYS, seconds=RETIRING_SECONDS)
        retire_imports(settings.RETENTION_DAYS, seconds=RETIRING_SECONDS)
    unplanned = Mailing.objects.filter(planned_at=None, cancelled_at=None)
    unfinished = ClientImport.objects.filter(state__in=[ImportState.QUEUED, ImportState.RUNNING])
    return Due(
        mailings=list(unplanned.order_by("id").values_list("id", flat=True)[:_MOST]),
        imports=list(unfinished.order_by("id").values_list("id", flat=True)[:_MOST]),
        # A pump waits for what becomes due within LINGER; the rest of a second is the way from here to it.
        batches=claim.any_due(ahead=LINGER + 0.2),
    )
