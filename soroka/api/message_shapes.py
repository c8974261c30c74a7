from collections.abc import Collection
from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from soroka.api.message_texts import own_texts
from soroka.api.shapes import PreparedRows, PreparedSerializer
from soroka.domain.message import Reason, Status
from soroka.models import Attempt, Message

#: The words of the assignment, whatever language the caller speaks.
DISPLAY = {Status.IN_PROCESS: "В процессе", Status.DELIVERED: "Доставлено", Status.NOT_SENT: "Не отправлено"}
STATUSES = {status.slug: status for status in Status}
REASONS = {reason.slug: reason for reason in Reason}


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    """An offer that was not accepted; ``invalid``: the text could not be rendered, and no gateway was asked."""

    gateway = serializers.SlugRelatedField[Any](slug_field="name", read_only=True, allow_null=True)
    outcome = serializers.ChoiceField(choices=["rejected", "deferred", "unknown", "invalid"])

    class Meta:
        model = Attempt
        fields = ["at", "gateway", "outcome", "detail"]


class MessageSerializer(PreparedSerializer[Message]):
    """One mailing to one client."""

    phone = serializers.CharField(allow_null=True)
    mailing = serializers.IntegerField(source="mailing_id")
    client = serializers.IntegerField(source="client_id")
    text = serializers.SerializerMethodField()
    gateway = serializers.SlugRelatedField[Any](source="sender", slug_field="name", read_only=True, allow_null=True)
    status = serializers.SerializerMethodField()
    status_display = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()
    created_at = serializers.SerializerMethodField()
    due_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    attempts = AttemptSerializer(many=True)

    class Meta:
        model = Message
        fields = [
            "id", "mailing", "client", "phone", "text", "status", "status_display", "reason", "created_at", "due_at",
            "expires_at", "settled_at", "gateway", "tries", "attempts",
        ]  # fmt: skip
        read_only_fields = fields
        list_serializer_class = PreparedRows

    def prepare(self, rows: Collection[Message]) -> None:
        """Fill templates in for all messages at once."""
        self.share(own_texts=own_texts(rows))

    def get_text(self, message: Message) -> str | None:
        """As it was offered, or as it would be now; null where a template cannot be filled in, or he was erased."""
        if message.phone is None:
            return None
        text: str | None = self.context["own_texts"].get(message.pk, message.mailing.text)
        return text

    @extend_schema_field(serializers.ChoiceField(choices=list(STATUSES)))
    def get_status(self, message: Message) -> str:
        """The word of the contract."""
        return Status(message.status).slug

    @extend_schema_field(serializers.ChoiceField(choices=list(DISPLAY.values())))
    def get_status_display(self, message: Message) -> str:
        """The same for people."""
        return DISPLAY[Status(message.status)]

    @extend_schema_field(serializers.ChoiceField(choices=list(REASONS), allow_null=True))
    def get_reason(self, message: Message) -> str | None:
        """Why it was not sent; null while it may be."""
        if message.reason is None or message.status != Status.NOT_SENT:
            return None  # one that is in doubt has a reason as well, but may still be delivered
        return Reason(message.reason).slug

    @extend_schema_field(serializers.DateTimeField)
    def get_created_at(self, message: Any) -> str:
        """When it was planned, or the start of its mailing if that is later: the message of a future mailing."""
        moment: datetime = max(message.planned_at, message.mailing.starts_at)
        return str(serializers.DateTimeField().to_representation(moment))
