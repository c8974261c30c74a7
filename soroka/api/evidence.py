"""What a sender shows who is asked by what right he wrote to somebody."""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.fields import DateTimeField
from rest_framework.request import Request
from rest_framework.views import APIView

from soroka.api.clients import ClientSerializer
from soroka.api.download import AddressDecides, Attachment
from soroka.api.evidence_shapes import ActSerializer, EvidenceSerializer, RemovedSerializer, SentSerializer
from soroka.api.ledger import ids_of_person, ledger, with_first_offer
from soroka.consent.history import acts_of, clients_of
from soroka.consent.suppression import suppressed_at
from soroka.models import Client, Mailing
from soroka.models.change import Deed
from soroka.models.trail import note

#: Rows that are read together: what bounds the memory.
PAGE = 500

_Pages = Iterator[Iterable[Any]]


class ClientEvidence(APIView):
    """Consents, opt-outs and messages of a client and his phone."""

    content_negotiation_class = AddressDecides

    @extend_schema(responses=EvidenceSerializer)
    def get(self, request: Request, client_id: int) -> Attachment:
        """All that is on record, as a file that is made while it is sent; consents and messages the newest first."""
        client = get_object_or_404(Client.objects.select_related("zone"), pk=client_id)
        note(Deed.EXPORTED, client)
        return Attachment(lambda: _object(_evidence(client)), f"client-{client_id}-evidence.json", "application/json")


def _evidence(client: Client) -> dict[str, Any]:
    """The members of ``EvidenceSerializer``; lists are read when they are written."""
    moment = DateTimeField().to_representation
    suppressed = suppressed_at(client.phone)
    others = clients_of(client.phone) - {client.pk}
    return {
        "made_at": moment(timezone.now()),
        "client": ClientSerializer(client).data,
        "suppressed_at": moment(suppressed) if suppressed else None,
        "consents": _consents(client),
        "messages": _messages(client, others),
        "removed": _removed(min({client.pk, *others})),
    }


def _consents(client: Client) -> _Pages:
    acts = acts_of(client.pk, client.phone)
    page = list(acts[:PAGE])
    while page:
        yield ActSerializer(page, many=True).data
        page = list(acts.filter(pk__lt=page[-1].pk)[:PAGE])


def _messages(client: Client, others: set[int]) -> _Pages:
    ids = ids_of_person(client, others)
    for start in range(0, len(ids), PAGE):
        messages = with_first_offer(ledger()).filter(pk__in=ids[start : start + PAGE])
        yield SentSerializer(messages.order_by("-pk"), many=True).data


def _removed(first_client: int) -> _Pages:
    """Mailings that may have been to him: those which were made when he was there."""
    gone = Mailing.objects.filter(gone_at__isnull=False, last_client_id__gte=first_client)
    yield RemovedSerializer(gone.only(*RemovedSerializer.Meta.fields), many=True).data


def _object(members: dict[str, Any]) -> Iterator[bytes]:
    """JSON in pieces, an iterator of pages as one array. What breaks off on the way is no JSON."""
    opening = b"{"
    for name, value in members.items():
        yield opening + orjson.dumps(name) + b":"
        yield from _array(value) if isinstance(value, Iterator) else [orjson.dumps(value)]
        opening = b","
    yield b"}"


def _array(pages: _Pages) -> Iterator[bytes]:
    opening = b"["
    for page in pages:
        for row in page:
            yield opening + orjson.dumps(row)
            opening = b","
    yield b"[]" if opening == b"[" else b"]"
