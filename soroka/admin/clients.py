from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.fields import UnfoldAdminMultipleAutocompleteModelChoiceField
from unfold.widgets import (
    UnfoldAdminSelect2Widget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from soroka.admin import columns
from soroka.admin.api_form import ApiForm, WritesByForm
from soroka.admin.base import LargeTable, row_id
from soroka.admin.client_consent import ClientConsent
from soroka.admin.client_erasure import ErasesClients
from soroka.admin.client_filters import ByOperatorCode, ByOptOut, ByTag, ByZone, begins_with
from soroka.admin.client_story import TellsOfClients
from soroka.admin.exports import export_page
from soroka.api.clients import ClientSerializer, remove
from soroka.api.shapes import tag_names
from soroka.api.why import told
from soroka.domain.schedule import zone_names
from soroka.models import Client, Mailing, Tag

#: The latest of them, after the one that is chosen: a page with all would be long.
MAILINGS_SHOWN = 200


def zone_choices() -> list[tuple[str, str]]:
    """Every IANA zone there is."""
    return [(name, name) for name in sorted(zone_names())]


class ClientForm(ApiForm):
    """What is known of a client."""

    serializer_class = ClientSerializer
    phone = forms.CharField(
        label=_("phone"),
        widget=UnfoldAdminTextInputWidget,
        help_text=_("In any usual writing: +7 916 123-45-67, 8 (916) 1234567."),
    )
    operator_code = forms.CharField(
        label=_("operator code"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Three digits. Left empty: derived from the number."),
    )
    tags = UnfoldAdminMultipleAutocompleteModelChoiceField(
        "admin:soroka_tag_choices", label=_("tags"), queryset=Tag.objects.all(), required=False
    )
    timezone = forms.ChoiceField(label=_("time zone"), choices=zone_choices, widget=UnfoldAdminSelect2Widget)
    attributes = forms.JSONField(
        label=_("attributes"),
        required=False,
        initial=dict,
        widget=UnfoldAdminTextareaWidget({"rows": 4}),
        help_text=_('What a text may be filled in with, as JSON: {"name": "Anna"}.'),
    )

    class Meta:
        model = Client
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("timezone", settings.TIME_ZONE)
        if self.instance.pk:
            self.initial = {
                **self.initial,
                "phone": f"+{self.instance.phone}",
                "operator_code": f"{self.instance.operator_code:03}",
                "tags": self.instance.tag_ids,
                "timezone": self.instance.zone.name,
                "attributes": self.instance.attributes,
            }

    def body(self, answers: dict[str, Any]) -> dict[str, Any]:
        """As the API takes it."""
        return answers | {
            "operator_code": answers["operator_code"] or None,
            "tags": [tag.name for tag in answers["tags"]],
            "attributes": answers["attributes"] or {},
        }


@admin.register(Client)
class ClientAdmin(WritesByForm, TellsOfClients, ClientConsent, ErasesClients, LargeTable):
    """Recipients of mailings."""

    form = ClientForm
    list_display = ["number", "code", "labels", "timezone", "writable", "since"]
    list_select_related = ["zone"]
    list_filter = [ByTag, ByOperatorCode, ByZone, ByOptOut]
    search_fields = ["phone"]
    search_help_text = _("The beginning of a phone number")
    fields = ["phone", "operator_code", "tags", "timezone", "attributes"]
    _seen = ("number", "code", "tags", "timezone", "known", "may_be_written_to", "since")
    actions_list = ["bring_in", "take_out"]
    actions = ["opt_out_marked"]
    actions_detail = ["story", "consent", "messages", "why", "erase"]
    actions_detail_hide_default = True  # the story has all of the history
    change_form_outer_before_template = "admin/soroka/client_actions.html"

    def get_fields(self, request: HttpRequest, obj: Client | None = None) -> Any:
        """The form, or the same in words for those who may only look."""
        return self._seen if obj and not self.has_change_permission(request, obj) else self.fields

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """With the ways on in the page: in its head they would leave no room for the number."""
        ways_on = context.pop("actions_detail", [])
        answer: HttpResponse = super().render_change_form(request, context | {"ways_on": ways_on}, *args, **kwargs)
        return answer

    def prepare(self, rows: list[Any]) -> None:
        """The names of all tags at once."""
        names = tag_names(tag_id for client in rows for tag_id in client.tag_ids)
        for client in rows:
            client.tag_names = sorted(names[tag_id] for tag_id in client.tag_ids if tag_id in names)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By the beginning of the number, which has an index."""
        return (queryset.filter(begins_with(search_term)) if search_term else queryset), False

    @display(description=_("phone"))
    def number(self, client: Client) -> str:
        """As it is dialled."""
        return f"+{client.phone}"

    @display(description=_("operator code"))
    def code(self, client: Client) -> str:
        """Three digits."""
        return f"{client.operator_code:03}"

    @display(description=_("tags"), label=True)
    def labels(self, client: Any) -> list[str]:
        """Their names."""
        return list(client.tag_names)

    @display(description=_("tags"))
    def tags(self, client: Any) -> str:
        """Their names, for those who may not change them."""
        self.prepare([client])
        return ", ".join(client.tag_names)

    @display(description=_("time zone"))
    def timezone(self, client: Client) -> str:
        """Its name."""
        return client.zone.name

    @display(description=_("mailings"), label={"no": "danger", "yes": "success"})
    def writable(self, client: Client) -> tuple[str, Any]:
        """Whether he may be written to."""
        return ("no", _("opted out")) if client.opted_out else ("yes", _("gets them"))

    @display(description=_("mailings"))
    def may_be_written_to(self, client: Client) -> Any:
        """The same without its colour."""
        return self.writable(client)[1]

    @display(description=_("attributes"))
    def known(self, client: Client) -> str:
        """Names and values."""
        return "\n".join(f"{name}: {value}" for name, value in client.attributes.items())

    since = columns.moment("created_at", _("created"))

    @action(description=_("Import"), url_path="bring-in", icon="upload_file", permissions=["bring_in"])
    def bring_in(self, request: HttpRequest) -> HttpResponse:
        """The way to the import of a file."""
        return HttpResponseRedirect(reverse("admin:soroka_clientimport_add"))

    def has_bring_in_permission(self, request: HttpRequest) -> bool:
        """Whoever may add imports."""
        return bool(request.user.has_perm("soroka.add_clientimport"))

    @action(description=_("Export"), url_path="take-out", icon="download", permissions=["view"])
    def take_out(self, request: HttpRequest) -> HttpResponse:
        """Clients as a file."""
        return export_page(self, request)

    @action(description=_("Messages to this client"), url_path="messages", icon="sms")
    def messages(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The way to all that was ever sent to him."""
        return HttpResponseRedirect(f"{reverse('admin:soroka_message_changelist')}?client={int(object_id)}")

    @action(description=_("Why in a mailing or not"), url_path="why", icon="help")
    def why(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Whether he is in a mailing, and why: one that is chosen on the page."""
        client: Client = self.seen(request, object_id)
        asked = request.GET.get("mailing")
        chosen = Mailing.objects.filter(pk=row_id(asked)).first()
        if asked and not chosen:
            messages.error(request, _("There is no such mailing."))
        others = Mailing.objects.exclude(pk=row_id(asked)).order_by("-id")[:MAILINGS_SHOWN]
        mailings = [*filter(None, [chosen]), *others]
        context = {"client": client, "original": client, "mailings": mailings, "chosen": chosen}
        found = told(client.pk, chosen) if chosen else None
        return self.page(request, "why.html", str(client), **context, why=found)

    def delete_model(self, request: HttpRequest, obj: Client) -> None:
        """As the API does it: what was not offered yet is withdrawn."""
        remove(obj)
