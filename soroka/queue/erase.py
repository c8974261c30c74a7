"""Take out of the ledger who it was that was written to, and what he read; rows, statuses and counts stay."""

from collections.abc import Sequence

from soroka.domain.message import Reason
from soroka.models.statement import run
from soroka.queue.withdraw import withdraw_client

# One probe a mailing. Of one that is gone nothing is left but batches that wait to be removed: a message tells which.
_HIS = """
WITH mailing AS (
    SELECT id FROM soroka_mailing
    UNION
    SELECT (SELECT mailing_id FROM soroka_message WHERE id BETWEEN b.id_from AND b.id_to ORDER BY id LIMIT 1)
      FROM soroka_batch b WHERE b.state = 2 AND b.closing = 0
)
SELECT m.id, m.phone FROM mailing g JOIN soroka_message m ON m.mailing_id = g.id AND m.client_id = %(client)s
"""

_ERASE_PHONES = "UPDATE soroka_message SET phone = NULL WHERE id = ANY(%(ids)s) AND phone IS NOT NULL RETURNING id"
_ERASE_TEXTS = "DELETE FROM soroka_messagetext WHERE message_id = ANY(%(ids)s) RETURNING message_id"
_ERASE_DETAILS = "UPDATE soroka_attempt SET detail = '' WHERE message_id = ANY(%(ids)s) AND detail <> '' RETURNING id"


def erase_messages(client_id: int) -> set[int]:
    """Erase phone, text and what gateways said in all messages to a client, be he still there or not.

    What was not offered is withdrawn, and what is in flight is not offered again; neither is rendered after this, and
    ``settle`` keeps no words about a message without a phone. Returns the phones that were in the messages.
    To be called in the transaction that deletes the client, before that.
    """
    withdraw_client(client_id, Reason.WITHDRAWN)
    his = _his(client_id)
    ids = {"ids": [message_id for message_id, _ in his]}
    for statement in (_ERASE_PHONES, _ERASE_TEXTS, _ERASE_DETAILS):
        run(statement, ids)
    return {phone for _, phone in his if phone is not None}


def phones_in_messages(client_id: int) -> set[int]:
    """The phones that are in the messages to a client just now."""
    return {phone for _, phone in _his(client_id) if phone is not None}


def _his(client_id: int) -> Sequence[tuple[int, int | None]]:
    return run(_HIS, {"client": client_id})
