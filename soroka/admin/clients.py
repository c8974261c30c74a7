from django.contrib import admin
from django.http import HttpRequest

from soroka.admin.base import LargeTable, Ledger
from soroka.models import Client, ClientImport, ImportRow, Tag, Zone


@admin.register(Tag)
class TagAdmin(LargeTable):
    """Tags may be renamed; deleting one asks the mailings that name it, which the API does."""

    list_display = ["name", "id"]
    search_fields = ["name"]


@admin.register(Client)
class ClientAdmin(LargeTable):
    """Clients. A number and an opt-out are changed by the API: the queue has to learn of them."""

    list_display = ["phone", "operator_code", "zone", "opted_out", "created_at"]
    list_select_related = ["zone"]
    list_filter = ["opted_out", "zone"]
    search_fields = ["phone__startswith"]
    readonly_fields = ["created_at", "updated_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Client | None = None) -> list[str]:
        """What the queue keeps copies of is set once."""
        known = ["phone", "operator_code", "opted_out"] if obj else []
        return [*known, *self.readonly_fields]


@admin.register(Zone)
class ZoneAdmin(Ledger):
    """Zones that clients live in."""

    list_display = ["name", "id"]
    search_fields = ["name"]


@admin.register(ClientImport)
class ClientImportAdmin(Ledger):
    """Files of clients and what became of their rows."""

    list_display = ["id", "filename", "state", "rows", "added", "changed", "unchanged", "refused", "created_at"]
    list_filter = ["state"]


@admin.register(ImportRow)
class ImportRowAdmin(Ledger):
    """Refused rows, and those that wait."""

    list_display = ["client_import_id", "line", "phone", "error"]
    search_fields = ["=client_import__id"]
    ordering = ["-id"]
