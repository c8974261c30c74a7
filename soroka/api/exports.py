"""Files of clients, messages and statistics: one address a format."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from soroka.api.client_query import ClientQuery
from soroka.api.download import FILE, KIND, AddressDecides, Download
from soroka.api.ledger import require_kept
from soroka.api.message_query import OutcomeQuery
from soroka.api.parameters import LONGEST_SEARCH, ByQuery, Search
from soroka.api.segment_choice import SegmentName
from soroka.api.words import MAILING_STATUS, PART, REASON, STATUS
from soroka.audience.filter import Filter
from soroka.audience.lookup import taken_by
from soroka.exports.clients import MOST_ATTRIBUTES, TooManyAttributes, clients
from soroka.exports.mailings import mailings
from soroka.exports.messages import messages
from soroka.exports.one_mailing import one_mailing
from soroka.exports.table import Table
from soroka.imports.header import means_a_field
from soroka.models import Client, Mailing, Message
from soroka.models.change import Deed
from soroka.models.trail import note

_SEARCH = OpenApiParameter(
    "search", {"type": "string", "maxLength": LONGEST_SEARCH}, description=Search.search_description
)


class ClientChoice(ClientQuery):
    """As of the list of clients; with ``segment`` only those whom it takes now, so nobody who opted out."""

    segment = SegmentName(required=False)

    def narrow(self, rows: "QuerySet[Client]") -> "QuerySet[Client]":
        """Those of the clients that were asked for."""
        segment = self.validated_data.pop("segment", None)
        narrowed = super().narrow(rows)
        return narrowed.filter(taken_by(Filter.from_json(segment.filter))) if segment else narrowed


class ClientExport(APIView):
    """Clients as a file that an import takes."""

    content_negotiation_class = AddressDecides
    query_class = ClientChoice

    @extend_schema(operation_id="clients_export", parameters=[KIND, ClientChoice], responses=FILE)
    def get(self, request: Request, kind: str) -> Download:
        """All that match, by id: the columns of an import, an attribute each after them."""
        rows = ByQuery().filter_queryset(request, Client.objects.all(), self)
        note(Deed.EXPORTED, Client())
        return Download(lambda: _clients(rows), "clients", kind)


def _clients(rows: "QuerySet[Client]") -> Table:
    try:
        return clients(rows, means_a_field)
    except TooManyAttributes:
        message = _("They have more than {most} different attributes. Narrow the choice.").format(most=MOST_ATTRIBUTES)
        raise ValidationError(message, code="too_many_attributes") from None


class MessageExport(APIView):
    """The messages of one mailing as a file."""

    content_negotiation_class = AddressDecides
    query_class = OutcomeQuery

    @extend_schema(operation_id="messages_export", parameters=[KIND, OutcomeQuery], responses=FILE)
    def get(self, request: Request, mailing_id: int, kind: str) -> Download:
        """All that match, by id, with status and reason."""
        mailing = get_object_or_404(Mailing.objects.only("pk", "gateway_id", "name"), pk=mailing_id)
        require_kept(mailing.pk)
        rows = ByQuery().filter_queryset(request, Message.objects.all(), self)
        note(Deed.EXPORTED, mailing)
        return Download(
            lambda: messages(mailing, rows, _said(STATUS), _said(REASON)), f"mailing-{mailing_id}-messages", kind
        )


class StatisticsExport(APIView):
    """What all mailings came to as a file."""

    content_negotiation_class = AddressDecides
    search_fields = ["name"]

    @extend_schema(operation_id="statistics_export", parameters=[KIND, _SEARCH], responses=FILE)
    def get(self, request: Request, kind: str) -> Download:
        """A row a mailing, by id: the four counts, and how many were not sent for each reason."""
        rows = Search().filter_queryset(request, Mailing.objects.all(), self)
        return Download(lambda: mailings(rows, _said(MAILING_STATUS)), "mailing-statistics", kind)


class OneMailingExport(APIView):
    """What one mailing came to as a file."""

    content_negotiation_class = AddressDecides

    @extend_schema(operation_id="mailing_statistics_export", parameters=[KIND], responses=FILE)
    def get(self, request: Request, mailing_id: int, kind: str) -> Download:
        """A row for the whole, and for each reason, time zone, operator code and minute; exact now."""
        mailing = get_object_or_404(Mailing, pk=mailing_id)
        return Download(
            lambda: one_mailing(mailing, _said(PART), _said(REASON)), f"mailing-{mailing_id}-statistics", kind
        )


def _said(words: dict[Any, Any]) -> dict[Any, str]:
    """In the caller's language: the rows are read when nobody knows it any more."""
    return {state: str(word) for state, word in words.items()}
