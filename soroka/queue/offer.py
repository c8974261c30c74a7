"""Pass the point of no return for a slice of a leased batch."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from soroka.delivery.ports import Lease, Offer, Offered
from soroka.domain.template import is_template
from soroka.models import Batch
from soroka.models.statement import run
from soroka.queue.recall import end_recalled
from soroka.queue.render import render_slice

# The slice ends with the last of the next unsettled messages; what lies between them is settled already.
_OFFER = """
WITH held AS (
    SELECT b.id, b.id_to, coalesce(b.offered_to, b.id_from - 1) AS before, b.gateway_id, g.idempotent
      FROM soroka_batch b JOIN soroka_gateway g ON g.id = b.gateway_id
     WHERE b.id = %(batch)s AND b.owner = %(owner)s AND b.epoch = %(epoch)s AND b.state = 1
       AND b.lease_until > clock_timestamp() AND NOT b.held AND b.closing IS NULL
       AND b.expires_at > clock_timestamp() + make_interval(secs => %(transit)s)
       AND coalesce(b.offered_to, 0) < b.id_to AND g.paused_until <= clock_timestamp()
       FOR UPDATE OF b
)
UPDATE soroka_batch b
   SET offered_to = coalesce((
           SELECT id FROM soroka_message m
            WHERE m.id > held.before AND m.id <= held.id_to AND m.status = 0
            ORDER BY id OFFSET %(size)s - 1 LIMIT 1), held.id_to),
       first_offered_at = coalesce(b.first_offered_at, clock_timestamp())
  FROM held WHERE b.id = held.id
RETURNING held.before + 1, b.offered_to, b.offered_to < b.id_to, held.gateway_id, held.idempotent,
          extract(epoch FROM clock_timestamp() - b.due_at)::float8 - b.shut_seconds,
          extract(epoch FROM b.expires_at - clock_timestamp())::float8
"""

# Whether an offer is a message's first counts for lateness only: in the first epoch all are, later an attempt may tell.
# The last column: it was recalled, or is in doubt at a gateway that forgets ids, and must not be offered again. What is
# in doubt at another gateway is not read at all, whoever moved the batch here.
_UNSETTLED = """
SELECT m.id, m.phone, m.tries,
       m.tries = 0 AND m.reason IS NULL
       AND (%(epoch)s = 1 OR NOT exists(SELECT FROM soroka_attempt a WHERE a.message_id = m.id)),
       m.recalled IS NOT NULL OR (m.reason IS NOT NULL AND NOT %(idempotent)s)
  FROM soroka_message m
 WHERE m.id BETWEEN %(first)s AND %(last)s AND m.status = 0
   AND (m.reason = 7 AND m.gateway_id <> %(gateway)s) IS NOT TRUE
 ORDER BY m.id
"""


# What is written once the offer is committed needs the fence anew: the pump may have stood still for longer than its
# lease since.
_STILL_OURS = """
SELECT id FROM soroka_batch
 WHERE id = %(batch)s AND owner = %(owner)s AND epoch = %(epoch)s AND state = 1 FOR UPDATE
"""


def offer(lease: Lease, size: int, transit: float = 0.0) -> Offer | None:
    """The next ``size`` unsettled messages; None where fence, pause, withdrawal or deadline forbids it.

    transit: seconds before the deadline in which nothing is offered, because it could arrive too late.
    The messages are read by a second statement, once the first is committed: as one, it would read from before a lock
    that it waited for and could return a message that was withdrawn meanwhile.
    """
    fence = {
        "batch": lease.batch_id,
        "owner": lease.owner,
        "epoch": lease.epoch,
        "size": size,
        "transit": transit,
    }
    for first, last, more, gateway_id, idempotent, late, seconds_left in run(_OFFER, fence):
        reach = {"first": first, "last": last, "gateway": gateway_id, "idempotent": idempotent}
        messages, over = _unsettled(lease, reach)
        if over or is_template(lease.text):
            with transaction.atomic():
                if not run(_STILL_OURS, fence):
                    return None
                _end_recalled(lease, first, last)
                messages, _ = _unsettled(lease, reach)
                messages = render_slice(lease, messages)
        return Offer(messages, late, seconds_left, more)
    return None


def _unsettled(lease: Lease, reach: Mapping[str, Any]) -> tuple[list[Offered], bool]:
    """What may be sent within ``reach``, and whether there is something in it that must not be offered again."""
    messages, over = [], False
    for message_id, phone, tries, is_first, is_over in run(_UNSETTLED, {**reach, "epoch": lease.epoch}):
        if is_over:
            over = True
        else:
            messages.append(Offered(message_id, phone, lease.text, tries, is_first))
    return messages, over


def _end_recalled(lease: Lease, first: int, last: int) -> None:
    batch = Batch.objects.get(pk=lease.batch_id)
    batch.not_sent += end_recalled(first, last, batch.gateway_id)
    batch.save(update_fields=["not_sent"])
