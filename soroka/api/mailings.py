from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.filters import SearchFilter
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from soroka.api.mailing_input import NewMailingSerializer
from soroka.api.mailing_shapes import MailingSerializer
from soroka.api.parameters import Ordering
from soroka.api.statistics_shapes import FullStatisticsSerializer
from soroka.models import Mailing
from soroka.planning.launch import create_mailing, plan
from soroka.queue.withdraw import cancel, pause, resume
from soroka.statistics.tally import full
from soroka.tasks import ring, ring_planning

#: What the answer to a POST waits for; a larger audience goes on being planned in the background.
PLANNED_AT_ONCE = 50_000
SECONDS = 2.0


class MailingViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[Mailing]):
    """Mailings: created, watched, paused, resumed and cancelled."""

    queryset = Mailing.objects.select_related("gateway")
    lookup_value_converter = "int"
    filter_backends = [SearchFilter, Ordering]
    search_fields = ["name", "text"]
    ordering_fields = ["id", "name", "starts_at", "ends_at", "created_at"]

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        """What is sent differs from what is shown."""
        return NewMailingSerializer if self.action == "create" else MailingSerializer

    @extend_schema(request=NewMailingSerializer, responses={201: MailingSerializer})
    def create(self, request: Request) -> Response:
        """Start a mailing. The statistics of the answer are true at once."""
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        mailing = start(**asked.validated_data, user=request.user)
        address = reverse("mailing-detail", [mailing.pk], request=request)
        return Response(MailingSerializer(mailing).data, status=201, headers={"Location": address})

    @extend_schema(request=None, responses=MailingSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: int) -> Response:
        """Offer nothing more until it is resumed."""
        return self._after(pause)

    @extend_schema(request=None, responses=MailingSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: int) -> Response:
        """Go on with a paused mailing."""
        return self._after(resume)

    @extend_schema(request=None, responses=MailingSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """Offer nothing more, for good; what is queued is withdrawn in the background."""
        return self._after(cancel)

    @extend_schema(responses=FullStatisticsSerializer)
    @action(detail=True, filter_backends=[], pagination_class=None)
    def statistics(self, request: Request, pk: int) -> Response:
        """Everything that is counted of it; the counts are exact now."""
        return Response(full(self.get_object()))

    def _after(self, verb: Callable[[int], None]) -> Response:
        """The mailing as it is after the verb; what is already so is answered alike."""
        mailing = self.get_object()
        verb(mailing.pk)
        ring()
        return Response(MailingSerializer(self.get_object()).data)


def start(**asked: Any) -> Mailing:
    """Create a mailing and plan what can be planned at once. asked: the arguments of ``create_mailing``."""
    mailing = create_mailing(**asked)
    if not plan(mailing.pk, messages=PLANNED_AT_ONCE, seconds=SECONDS):
        ring_planning(mailing.pk)
    ring()
    mailing.refresh_from_db()
    return mailing
