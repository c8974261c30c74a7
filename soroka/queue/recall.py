"""End what must not be offered again: recalled while it was in flight, or in doubt at a gateway that forgets ids."""

from django.db import connection

from soroka.models import Batch

# The doubt comes first: what may have been sent is neither withdrawn nor opted out. Whether it may be offered again is
# for the gateway to say that it is in doubt at.
_END = """
UPDATE soroka_message m SET status = 2, reason = coalesce(reason, recalled), settled_at = clock_timestamp()
 WHERE id BETWEEN %(first)s AND %(last)s AND status = 0
   AND (recalled IS NOT NULL
        OR (reason = 7 AND NOT exists(SELECT FROM soroka_gateway g
                                       WHERE g.id = coalesce(m.gateway_id, %(gateway)s) AND g.idempotent)))
"""


def end_recalled(first: int, last: int, gateway_id: int) -> int:
    """Settle such messages among the ids ``first..last``, none of which is in flight; returns how many.

    The caller holds the lock of their batch, which is at this gateway, and adds the number to its ``not_sent``.
    An idempotent gateway knows a repeated message by its id, so that a doubtful one may be offered again.
    """
    with connection.cursor() as cursor:
        cursor.execute(_END, {"first": first, "last": last, "gateway": gateway_id})
        return int(cursor.rowcount)


def end_recalled_of(batch: Batch) -> int:
    """The same for a whole batch of which nothing is in flight."""
    return end_recalled(batch.id_from, batch.id_to, batch.gateway_id)
