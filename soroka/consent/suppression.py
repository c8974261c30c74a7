"""Phones that must not be written to, whoever has them: kept by their digests, beyond the deletion of a client.

Whoever opted out has his phone here, and who has a phone of this list is opted out: planning asks the client's row
alone. Both change under ``lock_ledger``.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from soroka.consent.ledger import lock_ledger
from soroka.models import Client, Suppression
from soroka.models.derived_keys import digests, phone_key_name
from soroka.models.locks import CONSENTS

_FOUND = "SELECT phone_digest FROM soroka_suppression WHERE phone_digest = ANY(%s::bytea[])"


def suppress(*phones: int) -> None:
    """Put phones on the list. To be called under ``lock_ledger``."""
    made = [Suppression(phone_digest=digests(phone)[0], key=phone_key_name()) for phone in phones]
    Suppression.objects.bulk_create(made, ignore_conflicts=True)


def lift(phone: int) -> None:
    """Take a phone off the list. To be called under ``lock_ledger``."""
    Suppression.objects.filter(phone_digest__in=digests(phone)).delete()


def is_suppressed(phone: int) -> bool:
    """Whether a phone is on the list."""
    return suppressed_at(phone) is not None


def suppressed_at(phone: int) -> datetime | None:
    """When a phone was put on the list; None where it is not on it."""
    return Suppression.objects.filter(phone_digest__in=digests(phone)).values_list("created_at", flat=True).first()


def heed(client: Client) -> bool:
    """Bring a client and the list together: he is new, or the phone is new to him. Whether that opted him out.

    Whose phone is on the list is opted out, who has opted out has his phone on the list. To be called at the end of
    the transaction that writes him: a phone that is put on the list just now is either seen here, or its writer sees
    the client.
    """
    if client.opted_out:
        lock_ledger()
        suppress(client.phone)
        return False
    _wait_for_writers()
    if not is_suppressed(client.phone):
        return False
    client.opted_out = True
    client.save(update_fields=["opted_out"])
    return True


def heed_many(phones: Sequence[int]) -> None:
    """The same for clients who are all new, made in this transaction. phones: theirs.

    To be called when it has locked all the rows that it will: whoever writes the list may hold one of them.
    """
    _wait_for_writers()
    phone_of = {digest: phone for phone in phones for digest in digests(phone)}
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, [list(phone_of)])
        found = [phone_of[bytes(digest)] for (digest,) in cursor.fetchall()]
    Client.objects.filter(phone__in=found).update(opted_out=True)


def _wait_for_writers() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [CONSENTS])
