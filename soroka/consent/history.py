"""What the ledger of consents has of one person."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from soroka.consent.verify import Head
from soroka.models import Consent, ConsentSeal
from soroka.models.derived_keys import digests


def acts_of(client_id: int, phone: int) -> QuerySet[Consent]:
    """What was recorded of a phone, whoever had it, and of a client, whatever his phone was; the newest first.

    With source and wording in ``text``: None where there were none, or they were forgotten.
    """
    his = Q(client_id=client_id) | Q(phone_digest__in=digests(phone))
    return Consent.objects.filter(his).select_related("text").order_by("-id")


def clients_of(phone: int) -> set[int]:
    """The ids of all clients of whom something was recorded while they had this phone."""
    found = Consent.objects.filter(phone_digest__in=digests(phone), client_id__isnull=False)
    return {pk for pk in found.order_by().values_list("client_id", flat=True).distinct() if pk is not None}


def seals_of(acts: Iterable[Consent]) -> dict[int, Head]:
    """The seals of acts by their places, each as the head of the chain that it was when it was made."""
    seals = ConsentSeal.objects.in_bulk({act.seal_id for act in acts})
    return {place: Head(place, bytes(seal.hash)) for place, seal in seals.items()}
