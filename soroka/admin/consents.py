from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from soroka.admin import columns
from soroka.admin.base import LargeTable, Ledger
from soroka.domain.phone import InvalidPhone, parse_phone
from soroka.models import Client, Consent
from soroka.models.derived_keys import digests

#: Characters of a text: all of it is on the page of the client.
_SHOWN = 30


@admin.register(Consent)
class ConsentAdmin(Ledger, LargeTable):
    """The ledger of consents."""

    list_display = ["number", "when", "act_label", "channel", "recorded_by", "client", "source", "wording"]
    list_display_links = None
    fields = [name if name != "act_label" else "act" for name in list_display]
    list_select_related = ["text"]
    search_fields = ["phone_digest"]
    search_help_text = _("A whole phone number")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By a whole number."""
        if not search_term:
            return queryset, False
        try:
            return queryset.filter(phone_digest__in=digests(parse_phone(search_term))), False
        except InvalidPhone:
            return queryset.none(), False

    def prepare(self, rows: list[Any]) -> None:
        """Which clients are still there: one query."""
        there = Client.objects.in_bulk({row.client_id for row in rows if row.client_id})
        for row in rows:
            row.client_row = there.get(row.client_id)

    @display(description=_("number"))
    def number(self, consent: Consent) -> str:
        """Its place in the ledger."""
        return str(consent.pk)

    when = columns.moment("at", _("recorded"))

    @display(description=_("act"), label={"opt_in": "success", "opt_out": "danger"})
    def act_label(self, consent: Consent) -> tuple[str, str]:
        """In words."""
        return consent.act, consent.get_act_display()

    @display(description=_("client"), empty_value="")
    def client(self, consent: Any) -> str | None:
        """The way to all that is on record of him; his number where he is gone."""
        if not hasattr(consent, "client_row"):
            self.prepare([consent])
        if consent.client_row is None:
            return consent.client_id and f"№ {consent.client_id}"
        address = reverse("admin:soroka_client_consent", args=[consent.client_id])
        return format_html('<a class="text-link" href="{}">{}</a>', address, consent.client_row)

    @display(description=_("source"), empty_value="")
    def source(self, consent: Consent) -> str | None:
        """Where it was said."""
        return Truncator(consent.text.source).chars(_SHOWN) if consent.text else None

    @display(description=_("wording"), empty_value="")
    def wording(self, consent: Consent) -> str | None:
        """What was said or agreed to."""
        return Truncator(consent.text.wording).chars(_SHOWN) if consent.text else None
