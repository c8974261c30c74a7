from django.contrib import admin

from soroka.admin.base import Ledger
from soroka.domain.message import Reason, Status
from soroka.models import Attempt, Message


@admin.register(Message)
class MessageAdmin(Ledger):
    """The ledger. Clients may be gone, so their numbers are shown, not their rows."""

    list_display = ["id", "mailing_id", "client_id", "phone", "status_slug", "reason_slug", "tries", "settled_at"]
    search_fields = ["=id"]
    fields = [
        "id",
        "mailing_id",
        "client_id",
        "phone",
        "operator_code",
        "status_slug",
        "reason_slug",
        "tries",
        "settled_at",
    ]

    @admin.display(description="статус")
    def status_slug(self, message: Message) -> str:
        """The word of the contract."""
        return Status(message.status).slug

    @admin.display(description="причина", empty_value="")
    def reason_slug(self, message: Message) -> str | None:
        """The word of the contract."""
        return Reason(message.reason).slug if message.reason else None


@admin.register(Attempt)
class AttemptAdmin(Ledger):
    """Offers that were not accepted."""

    list_display = ["id", "message_id", "gateway", "at", "outcome", "detail"]
    list_select_related = ["gateway"]
    list_filter = ["outcome"]
    search_fields = ["=message__id"]
    fields = ["message_id", "gateway", "at", "outcome", "detail"]
    ordering = ["-id"]
