"""Pause, resume and cancel mailings, and take single clients out of what was not offered yet.

All of it locks batches in the order of their ids, as an offer locks its one: what was offered stays, the rest is ours.
"""

from collections.abc import Collection

from django.db import connection, transaction

from soroka.domain.message import MailingStatus, Reason
from soroka.models import Batch, Mailing
from soroka.models.change import Deed
from soroka.models.locks import AUDIENCE
from soroka.models.status import status_of
from soroka.models.trail import note


class NotAllowed(Exception):
    """The mailing's status does not allow this."""


# A batch that is cut while its lock is waited for has a part that was not there when the statement began, made as the
# batch was then. Both statements are therefore repeated until they find nothing: what is marked makes marked parts.
_HOLD = """
WITH open AS (
    SELECT id FROM soroka_batch WHERE mailing_id = %(mailing)s AND state IN (0, 1) AND held <> %(held)s
     ORDER BY id FOR UPDATE
)
UPDATE soroka_batch b SET held = %(held)s FROM open WHERE b.id = open.id
"""

_WITHDRAW = """
WITH open AS (
    SELECT id FROM soroka_batch WHERE mailing_id = %(mailing)s AND state IN (0, 1) AND closing IS NULL
     ORDER BY id FOR UPDATE
)
UPDATE soroka_batch b
   SET closing = %(reason)s, state = CASE WHEN b.state = 0 THEN 2 ELSE b.state END
  FROM open WHERE b.id = open.id
"""

_QUEUED = """
SELECT m.id, b.id FROM soroka_mailing g
  JOIN soroka_message m ON m.mailing_id = g.id AND m.client_id = %s AND m.status = 0
  JOIN soroka_batch b ON b.mailing_id = g.id AND m.id BETWEEN b.id_from AND b.id_to
 WHERE g.breakdown IS NULL
 ORDER BY b.id
"""

_LOCK_FREE = "SELECT id FROM soroka_client WHERE id = ANY(%s) ORDER BY id FOR UPDATE SKIP LOCKED"

_HAVE_QUEUED = """
SELECT DISTINCT m.client_id FROM soroka_mailing g
  JOIN soroka_message m ON m.mailing_id = g.id AND m.client_id = ANY(%s) AND m.status = 0
 WHERE g.breakdown IS NULL
"""

_RECALL_MESSAGE = "UPDATE soroka_message SET recalled = %s WHERE id = %s AND status = 0"

_WITHDRAW_MESSAGE = """
UPDATE soroka_message SET status = 2, reason = coalesce(reason, %s), settled_at = clock_timestamp()
 WHERE id = %s AND status = 0
"""

_CHANGE_PHONE = "UPDATE soroka_message SET phone = %s, operator_code = %s WHERE id = %s AND status = 0"


@transaction.atomic
def pause(mailing_id: int) -> None:
    """Offer nothing more of a mailing until it is resumed. Nothing changes where it is paused already."""
    mailing = _locked(mailing_id)
    if mailing.paused_at is None:
        _allow(mailing, MailingStatus.SCHEDULED, MailingStatus.PLANNING, MailingStatus.RUNNING)
        _stamp(mailing, "paused_at")
        _on_open_batches(_HOLD, mailing_id, held=True)
        note(Deed.PAUSED, mailing)
    else:
        _allow(mailing, MailingStatus.PAUSED)


@transaction.atomic
def resume(mailing_id: int) -> None:
    """Go on with a paused mailing. Nothing changes where it is not paused."""
    mailing = _locked(mailing_id)
    _allow(mailing, MailingStatus.PAUSED, MailingStatus.SCHEDULED, MailingStatus.PLANNING, MailingStatus.RUNNING)
    if mailing.paused_at is not None:
        mailing.paused_at = None
        mailing.save(update_fields=["paused_at"])
        _on_open_batches(_HOLD, mailing_id, held=False)
        note(Deed.RESUMED, mailing)


@transaction.atomic
def cancel(mailing_id: int) -> None:
    """Offer nothing more of a mailing, for good; what is queued is closed in the background."""
    mailing = _locked(mailing_id)
    if mailing.cancelled_at is None:
        _allow(mailing, MailingStatus.PAUSED, MailingStatus.SCHEDULED, MailingStatus.PLANNING, MailingStatus.RUNNING)
        _stamp(mailing, "cancelled_at")
        _on_open_batches(_WITHDRAW, mailing_id, reason=Reason.WITHDRAWN)
        note(Deed.CANCELLED, mailing)


def withdraw_client(client_id: int, reason: Reason) -> int:
    """Take a client out of everything that was not offered to him yet; returns how many messages that were.

    What is in flight just now may still be accepted, and is not offered again if it is not.
    To be called in the transaction that changes the client, before that change: no planning slice misses it then.
    """
    withdrawn = 0
    for message_id, batch in _unsettled_of(client_id):
        in_flight = message_id <= (batch.offered_to or 0)
        with connection.cursor() as cursor:
            cursor.execute(_RECALL_MESSAGE if in_flight else _WITHDRAW_MESSAGE, [reason, message_id])
            ended = 0 if in_flight else cursor.rowcount
        batch.not_sent += ended
        withdrawn += ended
        batch.save(update_fields=["not_sent"])
    return withdrawn


def lock_idle(client_ids: Collection[int]) -> set[int]:
    """Those of the clients from whom nothing has to be withdrawn, nor will until this transaction ends.

    Their rows are locked; whose row somebody else has locked is left out, so that nobody waits here for another.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_FREE, [list(client_ids)])
        free = {pk for (pk,) in cursor.fetchall()}
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [AUDIENCE])
        cursor.execute(_HAVE_QUEUED, [list(free)])
        return free - {pk for (pk,) in cursor.fetchall()}


def change_phone(client_id: int, phone: int, operator_code: int) -> None:
    """Send what is not settled to a client's new number. To be called as ``withdraw_client`` is.

    What is in flight goes to the old one; its repeat, if there is one, to the new one.
    """
    for message_id, _ in _unsettled_of(client_id):
        with connection.cursor() as cursor:
            cursor.execute(_CHANGE_PHONE, [phone, operator_code, message_id])


def _unsettled_of(client_id: int) -> list[tuple[int, Batch]]:
    """The client's unsettled messages, with their batches locked in the order of ids.

    The client's row is locked first: an import may hold it for long, and planning must not wait behind that.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM soroka_client WHERE id = %s FOR UPDATE", [client_id])
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [AUDIENCE])
    while (queued := _lock_queued(client_id)) is None:
        pass
    return queued


def _lock_queued(client_id: int) -> list[tuple[int, Batch]] | None:
    """The same, or None with no batch locked: one of them was cut while its lock was waited for."""
    with transaction.atomic():  # a savepoint: the locks are given back with it
        with connection.cursor() as cursor:
            cursor.execute(_QUEUED, [client_id])
            found = cursor.fetchall()
        locked = [
            (message_id, Batch.objects.select_for_update().filter(pk=batch_id).first())
            for message_id, batch_id in found
        ]
        # A batch that was removed while its lock was waited for is being planned anew, without this client.
        queued = [(message_id, batch) for message_id, batch in locked if batch is not None and batch.mailing_id]
        if any(message_id > batch.id_to for message_id, batch in queued):
            transaction.set_rollback(True)
            return None
    return queued


def _locked(mailing_id: int) -> Mailing:
    return Mailing.objects.select_for_update().get(pk=mailing_id)


def _allow(mailing: Mailing, *statuses: MailingStatus) -> None:
    status = status_of(mailing.pk)
    if status not in statuses:
        raise NotAllowed(f"The mailing is {status}.")


def _stamp(mailing: Mailing, moment: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        setattr(mailing, moment, cursor.fetchone()[0])
    mailing.save(update_fields=[moment])


def _on_open_batches(statement: str, mailing_id: int, **values: bool | int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"mailing": mailing_id, **values})
        while cursor.rowcount:
            cursor.execute(statement, {"mailing": mailing_id, **values})
