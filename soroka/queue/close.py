"""Close batches: what is settled for good, what was withdrawn, and what ran out of time."""

import structlog
from django.db import connection, transaction

from soroka.domain.message import BatchState, Reason
from soroka.models import Batch, Message
from soroka.models.breakdown import measure
from soroka.queue.forget import DISCARD

log = structlog.get_logger(__name__)

# A message in doubt (reason 7) stays what it is: it may have been sent.
_SETTLE_REST = """
WITH rest AS (
    UPDATE soroka_message SET status = 2, reason = coalesce(reason, recalled, %s), settled_at = clock_timestamp()
     WHERE id BETWEEN %s AND %s AND status = 0
    RETURNING 1
)
SELECT count(*) FROM rest
"""

# Where a send window may open once more it is for ``reopen`` to say.
_EXPIRE = """
WITH late AS (
    SELECT id FROM soroka_batch WHERE state = 0 AND expires_at <= clock_timestamp() AND deadline IS NULL
     ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE soroka_batch b SET state = 2, closing = %s FROM late WHERE b.id = late.id
"""


def close(batch: Batch) -> None:
    """Close a batch in which everything is settled, and keep its breakdown. The caller holds its row lock."""
    batch.state = BatchState.CLOSED
    batch.owner = batch.lease_until = batch.offered_to = None
    batch.breakdown = measure([(batch.id_from, batch.id_to)]).to_json()
    batch.save(update_fields=["not_sent", "state", "owner", "lease_until", "offered_to", "breakdown"])


def close_next() -> bool:
    """Settle and close one batch that waits for it, up to 1,000 messages; False where none waits."""
    with transaction.atomic(), connection.cursor() as cursor:
        batch = (
            Batch.objects.select_for_update(skip_locked=True).filter(state=BatchState.CLOSING).order_by("id").first()
        )
        if batch is None:
            return False
        if batch.closing == DISCARD:
            _remove(batch)
            return True
        cursor.execute(_SETTLE_REST, [batch.closing, batch.id_from, batch.id_to])
        batch.not_sent += cursor.fetchone()[0]
        close(batch)
    _tell(batch)
    return True


def _tell(batch: Batch) -> None:
    closing, messages = batch.closing, [batch.id_from, batch.id_to]
    why = Reason(closing).slug if closing else None
    log.info("batch closed", mailing=batch.mailing_id, batch=batch.pk, messages=messages, why=why)


def _remove(batch: Batch) -> None:
    Message.objects.filter(pk__range=(batch.id_from, batch.id_to)).delete()
    batch.delete()


def expire(limit: int = 1000) -> int:
    """Mark up to ``limit`` batches past their deadline for closing, those of paused mailings too; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_EXPIRE, [limit, Reason.EXPIRED])
        return int(cursor.rowcount)
