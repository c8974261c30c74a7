"""Opt clients out and in: the client's row, what was not offered yet, the suppression list and the ledger at once."""

from collections.abc import Collection

from django.db import OperationalError, transaction
from django.db.models.functions import Now

from soroka.consent.ledger import Entry, Origin, append, lock_ledger, says_the_same
from soroka.consent.suppression import is_suppressed, lift, suppress
from soroka.domain.message import Reason
from soroka.models import Client
from soroka.models.change import Deed
from soroka.models.consent import Act
from soroka.models.trail import note
from soroka.queue.withdraw import lock_idle, withdraw_client

#: How often a phone is looked up again because another had just given it to a client, or taken it from one.
_TRIES = 5


@transaction.atomic
def opt_out(client_id: int, origin: Origin, *, phone: int | None = None) -> bool:
    """Write to a client no more: what was not offered yet is withdrawn. False where he had opted out already.

    phone: only while he has this one.  Raises Client.DoesNotExist.
    """
    meant = Client.objects.filter(pk=client_id) if phone is None else Client.objects.filter(pk=client_id, phone=phone)
    if meant.get().opted_out:
        return False
    withdraw_client(client_id, Reason.OPTED_OUT)  # locks the row
    client = meant.get()
    if client.opted_out:
        return False
    client.opted_out = True
    client.save(update_fields=["opted_out", "updated_at"])
    lock_ledger()
    append([Entry(Act.OPT_OUT, client.phone, client.pk, origin)])
    suppress(client.phone)
    note(Deed.OPTED_OUT, client)
    return True


@transaction.atomic
def opt_out_idle(phones: Collection[int], origin: Origin) -> set[int]:
    """Opt out those of many clients who have nothing queued, under one seal; returns their phones.

    phones: at most ``ledger.MOST_ROWS``.  The others are left to ``opt_out_phone``.
    """
    meant = Client.objects.filter(phone__in=phones, opted_out=False)
    idle = meant.filter(pk__in=lock_idle(meant.values_list("pk", flat=True)))
    clients = list(idle.order_by("pk"))
    if clients:
        idle.update(opted_out=True, updated_at=Now())
        lock_ledger()
        append([Entry(Act.OPT_OUT, client.phone, client.pk, origin) for client in clients])
        suppress(*(client.phone for client in clients))
    return {client.phone for client in clients}


@transaction.atomic
def opt_in(client_id: int, origin: Origin) -> bool:
    """Write to a client again, or for the first time with his consent on record. False where all of it was so already.

    What was withdrawn stays withdrawn.  origin: with source and wording.  Raises Client.DoesNotExist.
    """
    client = Client.objects.select_for_update().get(pk=client_id)
    entry = Entry(Act.OPT_IN, client.phone, client.pk, origin)
    lock_ledger()
    if not client.opted_out and says_the_same(entry):
        return False
    client.opted_out = False
    client.save(update_fields=["opted_out", "updated_at"])
    append([entry])
    lift(client.phone)
    note(Deed.OPTED_IN, client)
    return True


def opt_out_phone(phone: int, origin: Origin) -> bool:
    """Write to a phone no more, whoever has it now or later. False where that was so already."""
    for _ in range(_TRIES):
        client_id = Client.objects.filter(phone=phone).values_list("pk", flat=True).first()
        try:
            return _opt_out_unknown(phone, origin) if client_id is None else opt_out(client_id, origin, phone=phone)
        except (_ClientAppeared, Client.DoesNotExist):
            continue
    raise OperationalError("The phone keeps changing hands; ask again.")


class _ClientAppeared(Exception):
    """Somebody has the phone since it was looked up."""


@transaction.atomic
def _opt_out_unknown(phone: int, origin: Origin) -> bool:
    lock_ledger()  # and look again: whoever makes a client holds it shared until he is there to be seen
    if Client.objects.filter(phone=phone).exists():
        raise _ClientAppeared
    if is_suppressed(phone):
        return False
    append([Entry(Act.OPT_OUT, phone, None, origin)])
    suppress(phone)
    return True
