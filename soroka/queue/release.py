"""Give a leased batch back: closed, or to be claimed again."""

from django.db import transaction
from psycopg.types.json import Jsonb

from soroka.delivery.ports import Lease
from soroka.domain.message import BatchState
from soroka.models import Batch
from soroka.models.breakdown import measure
from soroka.models.statement import run
from soroka.queue.close import close
from soroka.queue.recall import end_recalled_of

_CLOSE = """
UPDATE soroka_batch
   SET state = 3, owner = NULL, lease_until = NULL, offered_to = NULL, breakdown = %(breakdown)s
 WHERE id = %(batch)s AND owner = %(owner)s AND epoch = %(epoch)s AND state = 1 AND delivered + not_sent = total
RETURNING id
"""

# What is unsettled may all be in doubt elsewhere: then the batch goes there, for here nothing can be done about it.
_RELEASE = """
UPDATE soroka_batch b
   SET state = CASE WHEN closing IS NULL THEN 0 ELSE 2 END, owner = NULL, lease_until = NULL, offered_to = NULL,
       crashes = 0,
       next_at = least(clock_timestamp() + make_interval(secs => %(retry_in)s), coalesce(deadline, expires_at)),
       gateway_id = coalesce((SELECT CASE WHEN bool_and((m.reason = 7 AND m.gateway_id <> b.gateway_id) IS TRUE)
                                          THEN min(m.gateway_id) END
                                FROM soroka_message m
                               WHERE m.id BETWEEN b.id_from AND b.id_to AND m.status = 0), b.gateway_id)
 WHERE id = %(batch)s
RETURNING id
"""

# What was offered keeps its lateness and its attempts. The rest takes its own counts along, from an earlier pass, and
# an epoch that says that there may have been one.
_CUT = """
WITH settled AS (
    SELECT count(*) FILTER (WHERE m.status = 1) AS delivered, count(*) FILTER (WHERE m.status = 2) AS not_sent
      FROM soroka_batch b JOIN soroka_message m ON m.id > b.offered_to AND m.id <= b.id_to WHERE b.id = %(batch)s
), rest AS (
    INSERT INTO soroka_batch (mailing_id, gateway_id, zone_id, id_from, id_to, total, delivered, not_sent, held,
                              epoch, created_at, due_at, next_at, expires_at, deadline, opens_at, shut_seconds,
                              first_offered_at, lateness)
    SELECT mailing_id, gateway_id, zone_id, offered_to + 1, id_to, id_to - offered_to, settled.delivered,
           settled.not_sent, held, epoch, created_at, due_at, clock_timestamp(), expires_at, deadline, opens_at,
           shut_seconds, first_offered_at, '{}'
      FROM soroka_batch b, settled WHERE b.id = %(batch)s
)
UPDATE soroka_batch b
   SET id_to = offered_to, total = offered_to - id_from + 1,
       delivered = b.delivered - settled.delivered, not_sent = b.not_sent - settled.not_sent
  FROM settled WHERE b.id = %(batch)s
RETURNING b.id
"""


def release(lease: Lease, retry_in: float, *, cut: bool = False) -> None:
    """Give a batch back: closed where everything in it is settled, else ready again in ``retry_in`` seconds.

    cut: what was not offered yet becomes a batch of its own, which is ready at once.
    Does nothing where the lease is no longer this pump's.
    """
    if not retry_in and _close_settled(lease):
        return
    with transaction.atomic():
        batch = _locked(lease)
        if batch is None:
            return
        if not _settled(batch):
            batch.not_sent += end_recalled_of(batch)
        if _settled(batch):
            close(batch)
        else:
            _make_ready(batch, retry_in, cut=cut)


def _close_settled(lease: Lease) -> bool:
    """Close a batch in which everything is settled; what is settled changes no more, so that no lock is needed."""
    breakdown = measure([(lease.id_from, lease.id_to)])
    values = {
        "batch": lease.batch_id,
        "owner": lease.owner,
        "epoch": lease.epoch,
        "breakdown": Jsonb(breakdown.to_json()),
    }
    return breakdown.settled and bool(run(_CLOSE, values))


def _locked(lease: Lease) -> Batch | None:
    """The leased batch, locked; None where the lease is no longer this pump's."""
    return (
        Batch.objects.select_for_update(of=("self",))
        .select_related("gateway")
        .filter(pk=lease.batch_id, owner=lease.owner, epoch=lease.epoch, state=BatchState.LEASED)
        .first()
    )


def _settled(batch: Batch) -> bool:
    return batch.delivered + batch.not_sent == batch.total


def _make_ready(batch: Batch, retry_in: float, *, cut: bool) -> None:
    batch.save(update_fields=["not_sent"])
    if cut and batch.closing is None and batch.offered_to is not None and batch.offered_to < batch.id_to:
        run(_CUT, {"batch": batch.pk})
    run(_RELEASE, {"batch": batch.pk, "retry_in": retry_in})
