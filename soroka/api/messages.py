from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.viewsets import ReadOnlyModelViewSet

from soroka.api.ledger import ledger, of_client, of_mailing, require_kept
from soroka.api.message_query import MessageQuery, PagedOutcomeQuery
from soroka.api.message_shapes import MessageSerializer
from soroka.api.pages import NewestFirst
from soroka.api.parameters import ByQuery
from soroka.models import Client, Mailing, Message


@extend_schema_view(list=extend_schema(parameters=[MessageQuery]))
class MessageViewSet(ReadOnlyModelViewSet[Message]):
    """What was sent, will be, or was not, to whom and why. Read only."""

    queryset = ledger()
    lookup_value_converter = "int"
    serializer_class = MessageSerializer
    pagination_class = NewestFirst
    filter_backends = [ByQuery]
    query_class = MessageQuery


@extend_schema_view(get=extend_schema(parameters=[PagedOutcomeQuery]))
class MessageList(ListAPIView[Message]):
    """Messages below another resource."""

    queryset = ledger()
    serializer_class = MessageSerializer
    pagination_class = NewestFirst
    filter_backends = [ByQuery]
    query_class = PagedOutcomeQuery


class MailingMessages(MessageList):
    """The messages of one mailing."""

    def get_queryset(self) -> QuerySet[Message]:
        """Raises Http404 where there is no such mailing, and Gone."""
        mailing = get_object_or_404(Mailing.objects.only("pk"), pk=self.kwargs["mailing_id"])
        require_kept(mailing.pk)
        return of_mailing(super().get_queryset(), mailing.pk)


class ClientMessages(MessageList):
    """Everything that was ever sent to one client."""

    def get_queryset(self) -> QuerySet[Message]:
        """Raises Http404 where there is no such client."""
        client = get_object_or_404(Client.objects.only("pk"), pk=self.kwargs["client_id"])
        return of_client(super().get_queryset(), client.pk)
