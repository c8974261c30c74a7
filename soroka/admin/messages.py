from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, TextFilter
from unfold.decorators import display

from soroka.admin import columns, words
from soroka.admin.base import LargeTable, Ledger, row_id
from soroka.api.ledger import of_client, of_mailing, of_zone, where_held
from soroka.api.problems import Gone
from soroka.api.shapes import tag_names
from soroka.api.story import story_of, text_of
from soroka.api.why_shapes import told_parts
from soroka.api.words import REASON_AT_LENGTH
from soroka.audience.filter import Filter
from soroka.audience.why import why
from soroka.domain.message import Reason, Status
from soroka.domain.phone import InvalidPhone, parse_phone
from soroka.models import Client, Mailing, Message, Zone
from soroka.models.status import without_messages


class ByMailing(TextFilter):
    """Messages of a mailing."""

    title = _("number of the mailing")
    parameter_name = "mailing"

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Message]") -> "QuerySet[Message]":
        """By the ids of its batches; of one whose messages are gone the page says so."""
        if without_messages([row_id(self.value())]):
            messages.info(request, Gone.default_detail)
        return of_mailing(queryset, row_id(self.value())) if self.value() else queryset


class ByClient(TextFilter):
    """Messages to a client."""

    title = _("number of the client")
    parameter_name = "client"

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Message]") -> "QuerySet[Message]":
        """One probe a mailing."""
        return of_client(queryset, row_id(self.value())) if self.value() else queryset


class ByStatus(DropdownFilter):
    """Messages of a mailing with a status."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """All of them."""
        return [(status.slug, words.STATUS[status]) for status in Status]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Message]") -> "QuerySet[Message]":
        """No index has it: the batches that have any bound the search."""
        wanted = {status.slug: status for status in Status}.get(self.value() or "")
        if wanted is None:
            return queryset
        return where_held(queryset.filter(status=wanted), wanted, row_id(request.GET.get("mailing")))


class ByReason(DropdownFilter):
    """Messages of a mailing that were not sent for a reason."""

    title = _("reason")
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """All of them."""
        return [(reason.slug, words.REASON[reason]) for reason in Reason]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Message]") -> "QuerySet[Message]":
        """No index has it: the batches that have any bound the search."""
        wanted = {reason.slug: reason for reason in Reason}.get(self.value() or "")
        if wanted is None:
            return queryset
        found = queryset.filter(status=Status.NOT_SENT, reason=wanted)
        return where_held(found, wanted, row_id(request.GET.get("mailing")))


class ByZone(DropdownFilter):
    """Messages of a mailing to the clients of a time zone."""

    title = _("time zone")
    parameter_name = "zone"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Those in which anybody lives."""
        return [(name, name) for name in Zone.objects.order_by("name").values_list("name", flat=True)]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Message]") -> "QuerySet[Message]":
        """A batch is of one zone."""
        wanted = (self.value() or "").replace("\0", "")
        return of_zone(queryset, wanted, row_id(request.GET.get("mailing"))) if wanted else queryset


@admin.register(Message)
class MessageAdmin(Ledger, LargeTable):
    """The ledger: every message and its story."""

    list_display = ["number", "mailing_link", "to", "status_label", "reason_label", "tries", "settled"]
    search_fields = ["id"]
    search_help_text = _("Number of a message, or a phone")

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Status, reason and zone only within a mailing: over the whole ledger they would be looked for one by one."""
        narrow = [ByStatus, ByReason, ByZone] if request.GET.get("mailing") else []
        return [ByMailing, ByClient, *narrow]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By the number of the message, or by the client who has this phone now."""
        if not search_term:
            return queryset, False
        found = {row_id(search_term)}
        if (client := _client_with(search_term)) is not None:
            found |= set(_of(client, request.GET.get("mailing")).values_list("pk", flat=True))
        return queryset.filter(pk__in=found), False

    def prepare(self, rows: list[Any]) -> None:
        """The mailings, and which clients are still there: a query each."""
        mailings = Mailing.objects.select_related("created_by", "gateway").in_bulk({row.mailing_id for row in rows})
        there = set(Client.objects.filter(pk__in={row.client_id for row in rows}).values_list("pk", flat=True))
        for row in rows:
            row.mailing_row, row.client_there = mailings.get(row.mailing_id), row.client_id in there
            if row.mailing_row:
                row.mailing = row.mailing_row  # its story asks no more

    settled = columns.moment("settled_at", _("settled"))

    @display(description=_("number"))
    def number(self, message: Message) -> str:
        """The number under which the gateway knows it."""
        return str(message.pk)

    @display(description=_("mailing"))
    def mailing_link(self, message: Any) -> str:
        """Its name; only a number where it was removed."""
        if message.mailing_row is None:
            return str(message.mailing_id)
        address = reverse("admin:soroka_mailing_change", args=[message.mailing_id])
        return format_html('<a class="text-link" href="{}">{}</a>', address, message.mailing_row)

    @display(description=_("phone"))
    def to(self, message: Any) -> Any:
        """The number, and the way to the client if there still is one."""
        if message.phone is None:
            return _("erased")
        if not message.client_there:
            return f"+{message.phone}"
        address = reverse("admin:soroka_client_change", args=[message.client_id])
        return format_html('<a class="text-link" href="{}">+{}</a>', address, message.phone)

    @display(description=_("status"), label=words.STATUS_COLOURS)
    def status_label(self, message: Message) -> tuple[Status, Any]:
        """In words."""
        return Status(message.status), words.STATUS[Status(message.status)]

    @display(description=_("reason"), empty_value="")
    def reason_label(self, message: Message) -> Any:
        """In words."""
        return words.REASON[Reason(message.reason)] if message.reason else None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The story of a message."""
        message: Message = self.seen(request, object_id)
        self.prepare([message])
        status = Status(message.status)
        return self.page(
            request,
            "message.html",
            f"№ {message.pk}",
            message=message,
            original=message,
            status=words.STATUS[status],
            colour=words.STATUS_COLOURS[status],
            why=REASON_AT_LENGTH[Reason(message.reason)] if message.reason else "",
            mailing_link=self.mailing_link(message),
            to=self.to(message),
            text=text_of(message),
            story=story_of(message),
            because=_because(message),
        )


def _because(message: Any) -> dict[str, Any] | None:
    """What the mailing's filter says of its client now; None where one of them is gone."""
    mailing: Mailing | None = message.mailing_row
    found = why(message.client_id, mailing) if mailing else None
    if mailing is None or found is None:
        return None
    names = tag_names(Filter.from_json(mailing.filter).tags)
    return {"fits_now": found.fits_now, "because": told_parts(found, names)}


def _of(client: Client, mailing: str | None) -> "QuerySet[Message]":
    """The messages to a client; where a mailing is chosen only that one's, by one probe."""
    everything = Message.objects.all()
    return everything.filter(mailing=row_id(mailing), client=client.pk) if mailing else of_client(everything, client.pk)


def _client_with(written: str) -> Client | None:
    try:
        return Client.objects.filter(phone=parse_phone(written)).first()
    except InvalidPhone:
        return None
