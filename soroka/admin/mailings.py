from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import action, display

from soroka.admin import columns, words
from soroka.admin.base import Ledger
from soroka.admin.mailing_page import MailingPage
from soroka.admin.mailings_live import MailingsLive, cell, look_at
from soroka.admin.new_mailing import NewMailing
from soroka.domain.message import MailingStatus
from soroka.models import Mailing
from soroka.models.status import having


class ByStatus(DropdownFilter):
    """Mailings with a status, which is derived from their moments."""

    title = gettext_lazy("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """All of them."""
        return [(status.value, words.MAILING_STATUS[status]) for status in MailingStatus]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Mailing]") -> "QuerySet[Mailing]":
        """By an index where few have it."""
        wanted = self.value()
        return queryset.filter(having(MailingStatus(wanted))) if wanted in set(MailingStatus) else queryset


@admin.register(Mailing)
class MailingAdmin(NewMailing, MailingPage, MailingsLive, Ledger):
    """Mailings: made, watched, paused, resumed and cancelled."""

    list_display = ["title", "status", "total", "in_process", "delivered", "not_sent", "starts", "ends"]
    list_display_links = ["title"]
    search_fields = ["name", "text"]
    search_help_text = gettext_lazy("A part of the name or of the text")
    list_filter = [ByStatus]
    list_before_template = "admin/soroka/mailings_live.html"
    sortable_by = ()
    actions_list = ["as_csv", "as_xlsx"]

    starts = columns.moment("starts_at", gettext_lazy("start"))
    ends = columns.moment("ends_at", gettext_lazy("end"))

    def prepare(self, rows: list[Any]) -> None:
        """Status and counts of all rows: a query each."""
        look_at(rows)

    @display(description=gettext_lazy("mailing"))
    def title(self, mailing: Mailing) -> str:
        """Its name or number; of one that has the name of another, which one that is."""
        if not mailing.resend_of_id:
            return str(mailing)
        return _("%(mailing)s (№ %(number)s resent)") % {"mailing": mailing, "number": mailing.resend_of_id}

    @display(description=gettext_lazy("status"))
    def status(self, mailing: Any) -> str:
        """In words."""
        return cell(mailing, "status")

    @display(description=gettext_lazy("messages"))
    def total(self, mailing: Any) -> str:
        """How many there are."""
        return cell(mailing, "total")

    @display(description=gettext_lazy("In process"))
    def in_process(self, mailing: Any) -> str:
        """How many are not settled."""
        return cell(mailing, "in_process")

    @display(description=gettext_lazy("Delivered"))
    def delivered(self, mailing: Any) -> str:
        """How many the gateway took."""
        return cell(mailing, "delivered")

    @display(description=gettext_lazy("Not sent"))
    def not_sent(self, mailing: Any) -> str:
        """How many it did not."""
        return cell(mailing, "not_sent")

    @action(description=gettext_lazy("Statistics as CSV"), url_path="as-csv", icon="download", permissions=["view"])
    def as_csv(self, request: HttpRequest) -> HttpResponse:
        """What all mailings came to, as a file."""
        return HttpResponseRedirect(reverse("statistics-export", args=["csv"]))

    @action(description=gettext_lazy("Statistics as XLSX"), url_path="as-xlsx", icon="download", permissions=["view"])
    def as_xlsx(self, request: HttpRequest) -> HttpResponse:
        """The same for a spreadsheet."""
        return HttpResponseRedirect(reverse("statistics-export", args=["xlsx"]))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever may add mailings."""
        return bool(request.user.has_perm("soroka.add_mailing"))
