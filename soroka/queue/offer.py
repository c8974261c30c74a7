"""Pass the point of no return for a slice of a leased batch."""

from itertools import starmap

from django.db import connection, transaction
from django.db.models import F

from soroka.delivery.ports import Lease, Offer, Offered
from soroka.domain.template import is_template
from soroka.models import Batch
from soroka.queue.recall import end_recalled
from soroka.queue.render import render_slice

_OFFER = """
WITH held AS (
    SELECT b.id, coalesce(b.offered_to, b.id_from - 1) AS before, g.idempotent
      FROM soroka_batch b JOIN soroka_gateway g ON g.id = b.gateway_id
     WHERE b.id = %(batch)s AND b.owner = %(owner)s AND b.epoch = %(epoch)s AND b.state = 1
       AND b.lease_until > clock_timestamp() AND NOT b.held AND b.closing IS NULL
       AND b.expires_at > clock_timestamp() + make_interval(secs => %(transit)s)
       AND coalesce(b.offered_to, 0) < b.id_to AND g.paused_until <= clock_timestamp()
       FOR UPDATE OF b
)
UPDATE soroka_batch b
   SET offered_to = least(held.before + %(size)s, b.id_to),
       first_offered_at = coalesce(b.first_offered_at, clock_timestamp())
  FROM held WHERE b.id = held.id
RETURNING held.before + 1, b.offered_to, b.offered_to < b.id_to, held.idempotent,
          extract(epoch FROM clock_timestamp() - b.due_at)::float8,
          extract(epoch FROM b.expires_at - clock_timestamp())::float8
"""

# Whether an offer is a message's first counts for lateness only: in the first epoch all are, later an attempt may tell.
_UNSETTLED = """
SELECT m.id, m.phone, %(text)s, m.tries,
       m.tries = 0 AND m.reason IS NULL
       AND (%(epoch)s = 1 OR NOT exists(SELECT FROM soroka_attempt a WHERE a.message_id = m.id))
  FROM soroka_message m
 WHERE m.id BETWEEN %(first)s AND %(last)s AND m.status = 0 ORDER BY m.id
"""


def offer(lease: Lease, size: int, transit: float = 0.0) -> Offer | None:
    """The unsettled messages among the next ``size`` ids; None where fence, pause, withdrawal or deadline forbids it.

    transit: seconds before the deadline in which nothing is offered, because it could arrive too late.
    The messages are read by a second statement: as one, it would read from before a lock that it waited for and could
    return a message that was withdrawn meanwhile.
    """
    fence = {
        "batch": lease.batch_id,
        "owner": lease.owner,
        "epoch": lease.epoch,
        "size": size,
        "transit": transit,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_OFFER, fence)
        passed = cursor.fetchone()
        if passed is None:
            return None
        first, last, more, idempotent, late, seconds_left = passed
        if ended := end_recalled(first, last, idempotent=idempotent):
            Batch.objects.filter(pk=lease.batch_id).update(not_sent=F("not_sent") + ended)
        cursor.execute(_UNSETTLED, {"text": lease.text, "epoch": lease.epoch, "first": first, "last": last})
        messages = list(starmap(Offered, cursor.fetchall()))
        if is_template(lease.text):
            messages = render_slice(lease, messages)
        return Offer(messages, late, seconds_left, more)
