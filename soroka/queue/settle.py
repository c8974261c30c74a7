"""Write what became of offered messages, and give a batch back."""

from collections.abc import Sequence

from django.db import connection, transaction

from soroka.delivery.ports import Lease
from soroka.domain.lateness import bucket, merged
from soroka.domain.message import BatchState
from soroka.domain.verdict import Verdict
from soroka.models import Attempt, Batch
from soroka.queue.close import close
from soroka.queue.recall import end_recalled_of

# Only the messages named are touched, never the range: what is still in flight lies in it too. A message that was in
# doubt ends as delivered or unknown, whatever else is said of it later; one that was recalled is not tried again.
_SETTLE = """
WITH said AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(statuses)s::smallint[], %(reasons)s::smallint[], %(tries)s::smallint[])
               AS said(id, status, reason, tries)
), written AS (
    UPDATE soroka_message m
       SET status = CASE WHEN said.status = 0 AND m.recalled IS NOT NULL THEN 2 ELSE said.status END,
           tries = said.tries,
           reason = CASE WHEN said.status = 1 THEN NULL
                         WHEN m.reason = 7 THEN 7
                         WHEN said.status = 0 THEN coalesce(said.reason, m.recalled)
                         ELSE said.reason END,
           settled_at = CASE WHEN said.status <> 0 OR m.recalled IS NOT NULL THEN clock_timestamp() END
      FROM said WHERE m.id = said.id AND m.status = 0
    RETURNING m.status
)
SELECT count(*) FILTER (WHERE status = 1), count(*) FILTER (WHERE status = 2) FROM written
"""


def _locked(lease: Lease) -> Batch | None:
    """The leased batch, locked; None where the lease is no longer this pump's."""
    return (
        Batch.objects.select_for_update(of=("self",))
        .select_related("gateway")
        .filter(pk=lease.batch_id, owner=lease.owner, epoch=lease.epoch, state=BatchState.LEASED)
        .first()
    )


def settle(lease: Lease, verdicts: Sequence[Verdict], lateness: Sequence[float]) -> bool:
    """Write verdicts, the attempts that were not accepted and the lateness (seconds) of first offers.

    Counters rise by what was really written. False, with nothing written, where the lease is no longer this pump's.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        batch = _locked(lease)
        if batch is None:
            return False
        cursor.execute(
            _SETTLE,
            {
                "ids": [verdict.message_id for verdict in verdicts],
                "statuses": [verdict.status for verdict in verdicts],
                "reasons": [verdict.reason for verdict in verdicts],
                "tries": [verdict.tries for verdict in verdicts],
            },
        )
        delivered, not_sent = cursor.fetchone()
        batch.delivered += delivered
        batch.not_sent += not_sent
        _count_lateness(batch, lateness)
        batch.save(update_fields=["delivered", "not_sent", "lateness", "lateness_max"])
        _record_attempts(batch, verdicts)
    return True


def _count_lateness(batch: Batch, lateness: Sequence[float]) -> None:
    if not lateness:
        return
    counts = merged([batch.lateness])
    for seconds in lateness:
        counts[bucket(seconds)] += 1
    batch.lateness = counts
    batch.lateness_max = max(batch.lateness_max, *lateness)


def _record_attempts(batch: Batch, verdicts: Sequence[Verdict]) -> None:
    Attempt.objects.bulk_create(
        Attempt(
            message_id=verdict.message_id,
            gateway_id=batch.gateway_id,
            outcome=verdict.outcome,
            detail=verdict.detail[:200],
        )
        for verdict in verdicts
        if verdict.outcome
    )


_RELEASE = """
UPDATE soroka_batch
   SET state = CASE WHEN closing IS NULL THEN 0 ELSE 2 END, owner = NULL, lease_until = NULL, offered_to = NULL,
       crashes = 0,
       next_at = least(clock_timestamp() + make_interval(secs => %s), expires_at)
 WHERE id = %s
"""


def release(lease: Lease, retry_in: float) -> None:
    """Give a batch back: closed where everything in it is settled, else ready again in ``retry_in`` seconds.

    Does nothing where the lease is no longer this pump's.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        batch = _locked(lease)
        if batch is None:
            return
        batch.not_sent += end_recalled_of(batch)
        batch.save(update_fields=["not_sent"])
        if batch.delivered + batch.not_sent == batch.total:
            close(batch)
        else:
            cursor.execute(_RELEASE, [retry_in, batch.pk])
