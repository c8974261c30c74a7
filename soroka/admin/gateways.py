from django.contrib import admin
from django.db.models import URLField

from soroka.admin.base import LargeTable
from soroka.models import Gateway


@admin.register(Gateway)
class GatewayAdmin(LargeTable):
    """Gateways and how they fare."""

    list_display = ["name", "kind", "url", "idempotent", "trouble", "paused_until", "stopped_at", "last_error"]
    formfield_overrides = {URLField: {"assume_scheme": "https"}}
    readonly_fields = ["trouble", "paused_until", "stopped_at", "last_error"]
