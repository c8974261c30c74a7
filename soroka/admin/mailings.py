from django.contrib import admin

from soroka.admin.base import Ledger
from soroka.models import Batch, Mailing


@admin.register(Mailing)
class MailingAdmin(Ledger):
    """Mailings. They are made, paused and cancelled by the API, which plans them and tells the queue."""

    list_display = ["id", "__str__", "starts_at", "ends_at", "local_time", "planned_at", "paused_at", "cancelled_at"]
    search_fields = ["name", "text"]


@admin.register(Batch)
class BatchAdmin(Ledger):
    """The units of the queue."""

    list_display = [
        "id", "mailing_id", "zone", "state", "held", "total", "delivered", "not_sent", "due_at", "next_at",
        "expires_at",
    ]  # fmt: skip
    list_select_related = ["zone"]
    list_filter = ["state", "held"]
    search_fields = ["=mailing__id"]
    ordering = ["-id"]
