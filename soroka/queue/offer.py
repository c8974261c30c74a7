"""Pass the point of no return for a slice of a leased batch."""

from itertools import starmap

from django.db import connection, transaction

from soroka.delivery.ports import Lease, Offer, Offered
from soroka.domain.template import is_template
from soroka.queue.render import render_slice

_OFFER = """
WITH held AS (
    SELECT id, coalesce(offered_to, id_from - 1) AS before FROM soroka_batch
     WHERE id = %(batch)s AND owner = %(owner)s AND epoch = %(epoch)s AND state = 1 AND lease_until > clock_timestamp()
       AND NOT held AND closing IS NULL AND expires_at > clock_timestamp() AND coalesce(offered_to, 0) < id_to
       FOR UPDATE
)
UPDATE soroka_batch b
   SET offered_to = least(held.before + %(size)s, b.id_to),
       first_offered_at = coalesce(b.first_offered_at, clock_timestamp())
  FROM held WHERE b.id = held.id
RETURNING held.before + 1, b.offered_to, b.offered_to < b.id_to,
          extract(epoch FROM clock_timestamp() - b.due_at)::float8,
          extract(epoch FROM b.expires_at - clock_timestamp())::float8
"""

_UNSETTLED = """
SELECT id, phone, %s, tries, tries = 0 AND reason IS NULL FROM soroka_message
 WHERE id BETWEEN %s AND %s AND status = 0 ORDER BY id
"""


def offer(lease: Lease, size: int) -> Offer | None:
    """The unsettled messages among the next ``size`` ids; None where fence, pause, withdrawal or deadline forbids it.

    The messages are read by a second statement: as one, it would read from before a lock that it waited for and could
    return a message that was withdrawn meanwhile.
    """
    fence = {"batch": lease.batch_id, "owner": lease.owner, "epoch": lease.epoch, "size": size}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_OFFER, fence)
        passed = cursor.fetchone()
        if passed is None:
            return None
        first, last, more, late, seconds_left = passed
        cursor.execute(_UNSETTLED, [lease.text, first, last])
        messages = list(starmap(Offered, cursor.fetchall()))
        if is_template(lease.text):
            messages = render_slice(lease, messages)
        return Offer(messages, late, seconds_left, more)
