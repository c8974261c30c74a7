from collections.abc import Collection
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from soroka.api.clients import ClientSerializer
from soroka.api.message_shapes import MessageSerializer
from soroka.api.shapes import PreparedRows, PreparedSerializer
from soroka.consent.history import seals_of
from soroka.domain.message import Status
from soroka.models import Consent, Mailing, Message


class ActSerializer(PreparedSerializer[Consent]):
    """An opt-in or opt-out of the ledger of consents."""

    client = serializers.IntegerField(source="client_id", allow_null=True)
    source = serializers.CharField(source="text.source", default=None, allow_null=True)  # type: ignore[assignment]
    wording = serializers.CharField(source="text.wording", default=None, allow_null=True)
    forgotten = serializers.SerializerMethodField()
    seal = serializers.SerializerMethodField()

    class Meta:
        model = Consent
        fields = ["id", "at", "act", "channel", "client", "recorded_by", "source", "wording", "forgotten", "seal"]
        read_only_fields = fields
        list_serializer_class = PreparedRows

    def prepare(self, rows: Collection[Consent]) -> None:
        """Look up all seals at once."""
        self.share(seals=seals_of(rows))

    def get_forgotten(self, act: Consent) -> bool:
        """Whether source and wording were removed when somebody was erased."""
        return act.text_id is not None and act.text is None

    def get_seal(self, act: Consent) -> str | None:
        """``place:hash``, as ``soroka verify-consents --head`` takes it; null where it is missing."""
        head = self.context["seals"].get(act.seal_id)
        return str(head) if head else None


class ReceiptSerializer(serializers.Serializer[Any]):
    """A gateway took a message over: it said so of our number, for it gives none of its own."""

    gateway = serializers.CharField()
    number = serializers.IntegerField()
    at = serializers.DateTimeField()


class SentSerializer(MessageSerializer):
    """A message with its mailing, when it was offered, and what the gateway confirmed."""

    mailing_name = serializers.CharField(source="mailing.name")
    offered_at = serializers.SerializerMethodField()
    receipt = serializers.SerializerMethodField()

    class Meta(MessageSerializer.Meta):
        fields = [*MessageSerializer.Meta.fields, "mailing_name", "offered_at", "receipt"]
        read_only_fields = fields

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_offered_at(self, message: Any) -> str | None:
        """When the first of its batch was offered, so not before that itself; null where it never was."""
        offered = message.status == Status.DELIVERED or any(attempt.gateway_id for attempt in message.attempts.all())
        if not offered or message.first_offered_at is None:
            return None
        return str(serializers.DateTimeField().to_representation(message.first_offered_at))

    @extend_schema_field(ReceiptSerializer(allow_null=True))
    def get_receipt(self, message: Message) -> Any:
        """Null where no gateway took it over."""
        if message.status != Status.DELIVERED:
            return None
        return ReceiptSerializer({"gateway": message.sender, "number": message.pk, "at": message.settled_at}).data


class RemovedSerializer(serializers.ModelSerializer[Mailing]):
    """A mailing of which messages were removed by age. The client may have been in it or not."""

    class Meta:
        model = Mailing
        fields = ["id", "name", "starts_at", "gone_at"]
        read_only_fields = fields


class EvidenceSerializer(serializers.Serializer[Any]):
    """All that is on record of a client and his phone."""

    made_at = serializers.DateTimeField()
    client = ClientSerializer()
    suppressed_at = serializers.DateTimeField(allow_null=True)
    consents = ActSerializer(many=True)
    messages = SentSerializer(many=True)
    removed = RemovedSerializer(many=True)
