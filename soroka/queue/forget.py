"""Take back what was planned and offered to nobody: the audience is planned anew, or the mailing is removed."""

from collections.abc import Mapping, Sequence

from django.db import connection

from soroka.domain.message import BatchState
from soroka.models import Batch

#: In the place of a reason to close a batch with: its mailing is gone, and so go the batch and its messages.
DISCARD = 0
#: The mailing of such a batch.
NO_MAILING = 0

_FORGET_MESSAGES = "DELETE FROM soroka_message WHERE mailing_id = %s AND client_id > %s AND client_id <= %s"

# A batch whose window has closed by now is for ``reopen``, which finds its next opening.
_MOVE_END = """
UPDATE soroka_batch b
   SET expires_at = CASE WHEN moved.deadline IS NULL OR b.expires_at > clock_timestamp()
                         THEN moved.expires_at ELSE b.expires_at END,
       deadline = moved.deadline
  FROM unnest(%(zones)s::smallint[], %(expires)s::timestamptz[], %(deadlines)s::timestamptz[])
           AS moved(zone_id, expires_at, deadline)
 WHERE b.mailing_id = %(mailing)s AND b.zone_id = moved.zone_id AND b.state IN (0, 1)
"""


def lock_batches(mailing_id: int) -> bool:
    """Lock all batches of a mailing, in the order of ids; True where something of them was offered already."""
    batches = Batch.objects.select_for_update().filter(mailing_id=mailing_id).order_by("id")
    offered = list(batches.values_list("first_offered_at", flat=True))
    # A batch that is cut while its lock is waited for has a part that was not there when the statement began.
    while len(again := list(batches.values_list("first_offered_at", flat=True))) > len(offered):
        offered = again
    return any(first is not None for first in offered)


def forget_messages(mailing_id: int, after: int, to: int) -> None:
    """Remove what an earlier plan had for the clients ``after < id <= to``, where the background has not come to it."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_MESSAGES, [mailing_id, after, to])


def discard(mailing_id: int) -> None:
    """Take the batches, which the caller has locked, from their mailing; they go in the background, messages and all.

    No sum and no list shows them any more, and a pump that holds one finds that it is not its own.
    """
    Batch.objects.filter(mailing_id=mailing_id).update(state=BatchState.CLOSING, closing=DISCARD, mailing_id=NO_MAILING)


def move_end(mailing_id: int, moments: Mapping[str, Sequence[object]]) -> None:
    """Give the open batches, which the caller has locked, new deadlines.

    moments: columns ``zones``, ``expires`` and ``deadlines``, of now.
    What was offered already keeps the deadline that it was offered with.
    """
    columns = {name: list(moments[name]) for name in ("zones", "expires", "deadlines")}
    with connection.cursor() as cursor:
        cursor.execute(_MOVE_END, {"mailing": mailing_id, **columns})
