from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.validators import UniqueValidator
from rest_framework.viewsets import ModelViewSet

from soroka.api.attributes import Attributes
from soroka.api.client_pages import ClientPages
from soroka.api.client_query import ClientQuery
from soroka.api.erasure import ErasureQuery, erase
from soroka.api.fields import Flag, OperatorCode, Phone, TagNames, ZoneName
from soroka.api.held_tags import missing_tags
from soroka.api.parameters import ByQuery
from soroka.api.shapes import PreparedRows, PreparedSerializer, tag_names
from soroka.consent.ledger import Origin
from soroka.consent.opting import opt_out
from soroka.consent.suppression import heed
from soroka.domain.message import Reason
from soroka.domain.phone import operator_code
from soroka.domain.schedule import UnknownZone
from soroka.imports.names import zone_row
from soroka.models import Client, Zone
from soroka.models.change import Deed
from soroka.models.consent import Channel
from soroka.models.trail import facts, note, note_change
from soroka.queue.withdraw import change_phone, withdraw_client


class ClientSerializer(PreparedSerializer[Client]):
    """A recipient. PUT sets what is left out to its default; only ``opted_out`` stays as it is."""

    default_error_messages = {
        "needs_opt_in": _("Who opted out is written to again by POST /clients/{{id}}/opt-in, with source and wording."),
    }

    phone = Phone(validators=[UniqueValidator(Client.objects.all())])
    operator_code = OperatorCode(default=None, allow_null=True, help_text="Left out: derived from the number.")
    tags = TagNames(source="tag_ids", default=list)
    timezone = ZoneName(source="zone.name", default=settings.TIME_ZONE)
    attributes = Attributes(default=dict)
    opted_out = Flag(required=False)

    class Meta:
        model = Client
        fields = [
            "id", "phone", "operator_code", "tags", "timezone", "attributes", "opted_out", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = ["created_at", "updated_at"]
        list_serializer_class = PreparedRows

    def prepare(self, rows: Collection[Client]) -> None:
        """Look up the names of all tags at once."""
        self.share(tag_names=tag_names(tag_id for client in rows for tag_id in client.tag_ids))

    def validate_opted_out(self, opted_out: bool) -> bool:
        """True, or as it is: an opt-in needs more than a word."""
        if not opted_out and isinstance(self.instance, Client) and self.instance.opted_out:
            self.fail("needs_opt_in")
        return opted_out

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The values of the row: the zone by its row, the operator code derived where none is given."""
        if "zone" in attrs:
            attrs["zone"] = _zone(attrs["zone"]["name"])
        if attrs.get("operator_code") is None and attrs.keys() & {"phone", "operator_code"}:
            known = self.instance.phone if isinstance(self.instance, Client) else 0
            attrs["operator_code"] = operator_code(attrs.get("phone", known))
        return attrs

    @transaction.atomic
    def create(self, validated_data: dict[str, Any]) -> Client:
        """A new row; opted out where its phone is suppressed."""
        _hold_tags(validated_data)
        opts_out = validated_data.pop("opted_out", False)
        client = super().create(validated_data)
        note(Deed.CREATED, client, after=facts(client))
        if opts_out:
            opt_out(client.pk, self._origin())
            client.refresh_from_db()
        else:
            heed(client)
        return client

    @transaction.atomic
    def update(self, instance: Client, validated_data: dict[str, Any]) -> Client:
        """Write what was given, and nothing else."""
        opts_out = validated_data.pop("opted_out", False)
        change(instance, validated_data)
        if opts_out and opt_out(instance.pk, self._origin()):
            instance.opted_out = True
        return instance

    def _origin(self) -> Origin:
        return Origin(Channel.API, self.context["request"].user.get_username())


@extend_schema_view(list=extend_schema(parameters=[ClientQuery]))
class ClientViewSet(ModelViewSet[Client]):
    """Recipients of mailings."""

    queryset = Client.objects.select_related("zone")
    lookup_value_converter = "int"
    serializer_class = ClientSerializer
    pagination_class = ClientPages
    filter_backends = [ByQuery]
    query_class = ClientQuery

    @extend_schema(parameters=[ErasureQuery])
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Delete a client; with ``erase`` also from the ledger, where only counts are left of him."""
        query = ErasureQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        if not query.validated_data["erase"]:
            return super().destroy(request, *args, **kwargs)
        if not erase(kwargs["pk"]):
            raise Http404
        return Response(status=204)

    def perform_destroy(self, instance: Client) -> None:
        """What was not offered yet is withdrawn."""
        remove(instance)


@transaction.atomic
def change(client: Client, values: dict[str, Any]) -> Client:
    """Write new values of a client; the queue learns of a new number in the same transaction."""
    _hold_tags(values)
    number = (values.get("phone", client.phone), values.get("operator_code", client.operator_code))
    has_moved = number[0] != client.phone
    if number != (client.phone, client.operator_code):
        change_phone(client.pk, *number)
        client.refresh_from_db(fields=["opted_out"])  # he may have opted out while his row was waited for
    before = facts(client)
    for name, value in values.items():
        setattr(client, name, value)
    client.save(update_fields=[*values, "updated_at"])
    note_change(client, before)
    if has_moved and heed(client):
        withdraw_client(client.pk, Reason.OPTED_OUT)  # whose locks ``change_phone`` has taken
    return client


@transaction.atomic
def remove(client: Client) -> None:
    """Delete a client; what was offered to him stays in the ledger, the rest is withdrawn."""
    withdraw_client(client.pk, Reason.WITHDRAWN)
    note(Deed.DELETED, client, before=facts(client))
    client.delete()


def _hold_tags(values: dict[str, Any]) -> None:
    if errors := missing_tags(values.get("tag_ids", ())):
        raise serializers.ValidationError({"tags": errors})


def _zone(name: str) -> Zone:
    try:
        return zone_row(name)
    except UnknownZone as error:
        raise serializers.ValidationError({"timezone": str(error)}, code="unknown_timezone") from None
