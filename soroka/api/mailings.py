from collections.abc import Callable, Mapping
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ModelViewSet

from soroka.api.idempotency import PARAMETER, repeatable
from soroka.api.mailing_input import NewMailingSerializer
from soroka.api.mailing_shapes import MailingSerializer
from soroka.api.mailing_writes import change, start, start_resend
from soroka.api.parameters import Ordering, Search
from soroka.api.preview_shapes import PreviewSerializer
from soroka.api.resend_shapes import ResendSerializer
from soroka.api.statistics_shapes import FullStatisticsSerializer
from soroka.models import Mailing
from soroka.planning.idempotency import recall
from soroka.planning.preview import ASKED, preview
from soroka.planning.resend import require_resendable
from soroka.planning.revise import remove
from soroka.queue.withdraw import cancel, pause, resume
from soroka.statistics.tally import full
from soroka.tasks import ring

_WRITES = {"create", "update", "partial_update", "preview"}


class MailingViewSet(ModelViewSet[Mailing]):
    """Mailings: created, watched, changed until the first offer, paused, resumed, cancelled and resent."""

    queryset = Mailing.objects.select_related("gateway", "segment")
    lookup_value_converter = "int"
    filter_backends = [Search, Ordering]
    search_fields = ["name", "text"]
    ordering_fields = ["id", "name", "starts_at", "ends_at", "created_at"]

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        """What is sent differs from what is shown."""
        return NewMailingSerializer if self.action in _WRITES else MailingSerializer

    @extend_schema(request=NewMailingSerializer, responses={201: MailingSerializer}, parameters=[PARAMETER])
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Start a mailing. The statistics of the answer are true at once."""
        named = repeatable(request)
        # Before anything is checked: a repeat may come when the end that it asks for has passed.
        if named and (known := recall(named)):
            return self._created(known)
        return self._created(start(self._asked() | {"user": request.user}, named).pk)

    @extend_schema(request=NewMailingSerializer, responses=MailingSerializer)
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change a mailing. Once somebody was written to, only ``name`` and ``ends_at`` may differ from what is."""
        mailing = self.get_object()
        change(mailing, self._asked(mailing, partial=kwargs.get("partial", False)))
        return self._shown(mailing.pk)

    def perform_destroy(self, instance: Mailing) -> None:
        """Only a mailing of which nothing was offered can be removed."""
        remove(instance.pk)

    @extend_schema(request=NewMailingSerializer, responses=PreviewSerializer)
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """What this mailing would do if it was created now. Writes nothing."""
        asked = self._asked()
        wanted = {name: asked[name] for name in ASKED}
        return Response(PreviewSerializer(preview(**wanted, timezone=settings.TIME_ZONE)).data)

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

    @extend_schema(request=ResendSerializer, responses={201: MailingSerializer})
    @action(detail=True, methods=["post"])
    def resend(self, request: Request, pk: int) -> Response:
        """Make a mailing, due now, that says the same to those whose message ended in doubt. Once, when it is over."""
        mailing = self.get_object()
        require_resendable(mailing)
        asked = ResendSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = cast(User, request.user)
        return self._created(start_resend(mailing.pk, **asked.validated_data, user=user).pk)

    @extend_schema(responses=FullStatisticsSerializer)
    @action(detail=True, filter_backends=[], pagination_class=None)
    def statistics(self, request: Request, pk: int) -> Response:
        """Everything that is counted of it; the counts are exact now."""
        return Response(full(self.get_object()))

    def _asked(self, mailing: Mailing | None = None, *, partial: bool = False) -> dict[str, Any]:
        """The body, checked. Raises ValidationError."""
        asked = NewMailingSerializer(mailing, data=self.request.data, partial=partial)
        asked.is_valid(raise_exception=True)
        values: dict[str, Any] = asked.validated_data
        return values

    def _after(self, verb: Callable[[int], None]) -> Response:
        """The mailing as it is after the verb; what is already so is answered alike."""
        mailing_id = self.get_object().pk
        verb(mailing_id)
        ring()
        return self._shown(mailing_id)

    def _created(self, mailing_id: int) -> Response:
        address = reverse("mailing-detail", [mailing_id], request=self.request)
        return self._shown(mailing_id, status=201, headers={"Location": address})

    def _shown(self, mailing_id: int, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        """A mailing as it is now."""
        mailing = Mailing.objects.select_related("gateway", "segment").get(pk=mailing_id)
        return Response(MailingSerializer(mailing).data, status=status, headers=headers)
