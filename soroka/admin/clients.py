from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.fields import UnfoldAdminMultipleAutocompleteModelChoiceField
from unfold.widgets import (
    UnfoldAdminSelect2Widget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from soroka.admin.api_form import ApiForm, WritesByForm
from soroka.admin.base import LargeTable, row_id
from soroka.admin.client_filters import ByOperatorCode, ByOptOut, ByTag, ByZone, begins_with
from soroka.api.clients import ClientSerializer, remove
from soroka.api.shapes import tag_names
from soroka.api.why import told
from soroka.domain.schedule import zone_names
from soroka.models import Client, Mailing, Tag

#: The latest of them: a page with all would be long.
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
    opted_out = forms.BooleanField(
        label=_("opted out"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Gets no mailing. What was not offered yet is withdrawn at once."),
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
                "opted_out": self.instance.opted_out,
            }

    def body(self, answers: dict[str, Any]) -> dict[str, Any]:
        """As the API takes it."""
        return answers | {
            "operator_code": answers["operator_code"] or None,
            "tags": [tag.name for tag in answers["tags"]],
            "attributes": answers["attributes"] or {},
        }


@admin.register(Client)
class ClientAdmin(WritesByForm, LargeTable):
    """Recipients of mailings."""

    form = ClientForm
    list_display = ["number", "code", "labels", "timezone", "writable", "since"]
    list_select_related = ["zone"]
    list_filter = [ByTag, ByOperatorCode, ByZone, ByOptOut]
    search_fields = ["phone"]
    search_help_text = _("The beginning of a phone number")
    fields = ["phone", "operator_code", "tags", "timezone", "attributes", "opted_out"]
    _seen = ("number", "code", "tags", "timezone", "known", "may_be_written_to", "since")
    actions_list = ["bring_in"]
    actions_detail = ["messages", "why"]

    def get_fields(self, request: HttpRequest, obj: Client | None = None) -> Any:
        """The form, or the same in words for those who may only look."""
        return self._seen if obj and not self.has_change_permission(request, obj) else self.fields

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

    @display(description=_("created"))
    def since(self, client: Client) -> str:
        """When he was made."""
        return date_format(localtime(client.created_at), "SHORT_DATETIME_FORMAT")

    @action(description=_("Import"), url_path="bring-in", icon="upload_file", permissions=["bring_in"])
    def bring_in(self, request: HttpRequest) -> HttpResponse:
        """The way to the import of a file."""
        return HttpResponseRedirect(reverse("admin:soroka_clientimport_add"))

    def has_bring_in_permission(self, request: HttpRequest) -> bool:
        """Whoever may add imports."""
        return bool(request.user.has_perm("soroka.add_clientimport"))

    @action(description=_("Messages to this client"), url_path="messages", icon="sms")
    def messages(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The way to all that was ever sent to him."""
        return HttpResponseRedirect(f"{reverse('admin:soroka_message_changelist')}?client={int(object_id)}")

    @action(description=_("Why in a mailing or not"), url_path="why", icon="help")
    def why(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Whether he is in a mailing, and why: one that is chosen on the page."""
        client: Client = self.seen(request, object_id)
        mailings = Mailing.objects.order_by("-id")
        chosen = mailings.filter(pk=row_id(request.GET.get("mailing"))).first()
        context = {"client": client, "original": client, "mailings": mailings[:MAILINGS_SHOWN], "chosen": chosen}
        found = told(client.pk, chosen) if chosen else None
        return self.page(request, "why.html", str(client), **context, why=found)

    def delete_model(self, request: HttpRequest, obj: Client) -> None:
        """As the API does it: what was not offered yet is withdrawn."""
        remove(obj)
