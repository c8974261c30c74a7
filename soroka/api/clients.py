from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db import transaction
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.validators import UniqueValidator
from rest_framework.viewsets import ModelViewSet

from soroka.api.attributes import Attributes
from soroka.api.client_query import ClientQuery
from soroka.api.fields import Flag, OperatorCode, Phone, TagNames, ZoneName
from soroka.api.held_tags import missing_tags
from soroka.api.pages import CursorPages
from soroka.api.parameters import ByQuery
from soroka.api.shapes import PreparedRows, PreparedSerializer, tag_names
from soroka.domain.message import Reason
from soroka.domain.phone import operator_code
from soroka.domain.schedule import UnknownZone
from soroka.imports.names import zone_row
from soroka.models import Client, Zone
from soroka.queue.withdraw import change_phone, withdraw_client


class ClientSerializer(PreparedSerializer[Client]):
    """A recipient. PUT sets what is left out to its default; only ``opted_out`` stays as it is."""

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
        """A new row."""
        _hold_tags(validated_data)
        return super().create(validated_data)

    def update(self, instance: Client, validated_data: dict[str, Any]) -> Client:
        """Write what was given, and nothing else."""
        return change(instance, validated_data)


@extend_schema_view(list=extend_schema(parameters=[ClientQuery]))
class ClientViewSet(ModelViewSet[Client]):
    """Recipients of mailings."""

    queryset = Client.objects.select_related("zone")
    lookup_value_converter = "int"
    serializer_class = ClientSerializer
    pagination_class = CursorPages
    filter_backends = [ByQuery]
    query_class = ClientQuery

    def perform_destroy(self, instance: Client) -> None:
        """What was not offered yet is withdrawn."""
        remove(instance)


@transaction.atomic
def change(client: Client, values: dict[str, Any]) -> Client:
    """Write new values of a client; the queue learns of an opt-out and of a new number in the same transaction."""
    _hold_tags(values)
    if values.get("opted_out") and not client.opted_out:
        withdraw_client(client.pk, Reason.OPTED_OUT)
    number = (values.get("phone", client.phone), values.get("operator_code", client.operator_code))
    if number != (client.phone, client.operator_code):
        change_phone(client.pk, *number)
    for name, value in values.items():
        setattr(client, name, value)
    client.save(update_fields=[*values, "updated_at"])
    return client


@transaction.atomic
def remove(client: Client) -> None:
    """Delete a client; what was offered to him stays in the ledger, the rest is withdrawn."""
    withdraw_client(client.pk, Reason.WITHDRAWN)
    client.delete()


def _hold_tags(values: dict[str, Any]) -> None:
    if errors := missing_tags(values.get("tag_ids", ())):
        raise serializers.ValidationError({"tags": errors})


def _zone(name: str) -> Zone:
    try:
        return zone_row(name)
    except UnknownZone as error:
        raise serializers.ValidationError({"timezone": str(error)}, code="unknown_timezone") from None
