"""Bring back batches whose lease ran out, and say which of their messages are in doubt."""

import structlog
from django.db import connection, transaction
from django.db.models.functions import Now

from soroka.domain.message import BatchState
from soroka.models import Batch
from soroka.queue.recall import end_recalled_of

log = structlog.get_logger(__name__)

#: Crashes in a row after which a batch is offered one message at a time. Each further one is a failed try of the
#: message that was on offer then: the culprit is named by its tries, whoever was just unlucky is not (ADR-0008).
CAREFUL_AFTER = 2

_BLAME = """
UPDATE soroka_message m SET tries = tries + 1
 WHERE m.id = %s AND m.status = 0 AND (m.reason = 7 AND m.gateway_id <> %s) IS NOT TRUE
RETURNING m.tries
"""

# Offered under the lease that ran out, unsettled, and with no attempt written since the claim: it may have been sent.
# An idempotent gateway is offered it again under the same id; for another the doubt is the end.
_DOUBT = """
WITH doubtful AS (
    UPDATE soroka_message m
       SET reason = 7, gateway_id = %(gateway)s, status = CASE WHEN %(final)s THEN 2 ELSE 0 END,
           settled_at = CASE WHEN %(final)s THEN clock_timestamp() END
     WHERE m.id BETWEEN %(first)s AND %(last)s AND m.status = 0
       AND (m.reason = 7 AND m.gateway_id <> %(gateway)s) IS NOT TRUE
       AND NOT exists(SELECT FROM soroka_attempt a WHERE a.message_id = m.id AND a.at >= %(claimed)s)
    RETURNING m.status
)
SELECT count(*), count(*) FILTER (WHERE status = 2) FROM doubtful
"""


def rescue(limit: int = 100) -> int:
    """Bring back up to ``limit`` batches with an expired lease; returns how many."""
    rescued = 0
    while rescued < limit and _rescue_next():
        rescued += 1
    return rescued


def _rescue_next() -> bool:
    with transaction.atomic():
        batch = (
            Batch.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("gateway")
            .filter(state=BatchState.LEASED, lease_until__lt=Now())
            .order_by("lease_until")
            .first()
        )
        if batch is None:
            return False
        if batch.offered_to is not None and _mark_doubt(batch, batch.offered_to):
            batch.crashes += 1
        batch.not_sent += end_recalled_of(batch)
        batch.state = BatchState.READY if batch.closing is None else BatchState.CLOSING
        batch.owner = batch.lease_until = batch.offered_to = None
        batch.save(update_fields=["state", "owner", "lease_until", "offered_to", "crashes", "not_sent"])
    log.warning(
        "batch rescued: its pump was not heard of any more", mailing=batch.mailing_id, batch=batch.pk,
        gateway=batch.gateway.name, messages=[batch.id_from, batch.id_to], crashes=batch.crashes,
    )  # fmt: skip
    return True


def _mark_doubt(batch: Batch, offered_to: int) -> bool:
    """Mark what may have been sent; True where there is such a message."""
    doubtful = _doubt(batch, batch.id_from, offered_to, final=not batch.gateway.idempotent)
    if doubtful and batch.crashes >= CAREFUL_AFTER and _blamed(offered_to, batch.gateway_id) >= batch.gateway.max_tries:
        _doubt(batch, offered_to, offered_to, final=True)
    return doubtful > 0


def _blamed(message_id: int, gateway_id: int) -> int:
    """Count a failed try; returns how many there are now, 0 where the message is settled or was not on offer there."""
    with connection.cursor() as cursor:
        cursor.execute(_BLAME, [message_id, gateway_id])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _doubt(batch: Batch, first: int, last: int, *, final: bool) -> int:
    values = {
        "first": first,
        "last": last,
        "final": final,
        "claimed": batch.claimed_at,
        "gateway": batch.gateway_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DOUBT, values)
        doubtful, ended = cursor.fetchone()
    batch.not_sent += ended
    return int(doubtful)
