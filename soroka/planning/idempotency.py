"""Repeated requests: a caller's key names the one mailing that was made of it, for 24 hours."""

from dataclasses import dataclass

from django.db import connection

_RECALL = """
SELECT fingerprint, mailing_id FROM soroka_idempotencykey
 WHERE user_id = %(user)s AND key = %(key)s AND created_at > clock_timestamp() - interval '24 hours'
"""

# Where another request is about to take the same key, this waits for it; one that is too old counts for nothing.
_TAKE = """
INSERT INTO soroka_idempotencykey (user_id, key, fingerprint) VALUES (%(user)s, %(key)s, %(fingerprint)s)
    ON CONFLICT (user_id, key) DO UPDATE
   SET fingerprint = excluded.fingerprint, mailing_id = NULL, created_at = clock_timestamp()
 WHERE soroka_idempotencykey.created_at <= clock_timestamp() - interval '24 hours'
"""

_KEEP = "UPDATE soroka_idempotencykey SET mailing_id = %(mailing)s WHERE user_id = %(user)s AND key = %(key)s"

_FORGET = "DELETE FROM soroka_idempotencykey WHERE created_at <= clock_timestamp() - interval '24 hours'"


class KeyMismatch(Exception):
    """The key was used for another request."""


class MailingGone(Exception):
    """The mailing that was made under the key has been removed since."""


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A request that may come more than once. fingerprint: 64 characters that tell what is asked for."""

    user_id: int
    key: str
    fingerprint: str


def recall(request: Repeatable) -> int | None:
    """The mailing that this request has made already, None where it is new. Raises KeyMismatch, MailingGone."""
    with connection.cursor() as cursor:
        cursor.execute(_RECALL, {"user": request.user_id, "key": request.key})
        kept = cursor.fetchone()
    if kept is None:
        return None
    fingerprint, mailing_id = kept
    if fingerprint != request.fingerprint:
        raise KeyMismatch("This key was used for another request.")
    if mailing_id is None:
        raise MailingGone("The mailing of this key was removed.")
    return int(mailing_id)


def take(request: Repeatable) -> int | None:
    """Take the key for this transaction, which then calls ``keep``: None. Else what ``recall`` says of another's.

    Waits for whoever is about to take the same key.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"user": request.user_id, "key": request.key, "fingerprint": request.fingerprint})
        taken = cursor.rowcount == 1
    return None if taken else recall(request)


def keep(request: Repeatable, mailing_id: int) -> None:
    """Say which mailing the request has made, in the transaction that took the key."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, {"mailing": mailing_id, "user": request.user_id, "key": request.key})


def forget_old() -> None:
    """Remove keys that count for nothing any more."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET)
