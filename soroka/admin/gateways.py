from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminURLInputWidget

from soroka.admin.base import Desk
from soroka.api.gateways import LIMITS, RETRIES
from soroka.dispatch.gateways import DEFAULT
from soroka.models import Gateway, Mailing


class GatewayForm(forms.ModelForm):  # type: ignore[type-arg]
    """A gateway. The token goes in and never comes out."""

    url = forms.URLField(
        label=gettext_lazy("address"),
        assume_scheme="https",
        widget=UnfoldAdminURLInputWidget,
        help_text=gettext_lazy("Without /v1/send: https://gateway.example"),
    )
    new_token = forms.CharField(
        label=gettext_lazy("token"),
        required=False,
        max_length=4000,
        widget=UnfoldAdminPasswordWidget({"autocomplete": "new-password"}),
        help_text=gettext_lazy("It is kept encrypted and never shown. Left empty: it stays as it is."),
    )

    class Meta:
        model = Gateway
        fields = ["name", "url", "idempotent", *LIMITS, *RETRIES]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.name == DEFAULT:
            del self.fields["url"], self.fields["new_token"]

    def save(self, commit: bool = True) -> Any:
        """The row, with its token if one was entered."""
        if token := self.cleaned_data.get("new_token"):
            self.instance.set_token(token)
        return super().save(commit)


@admin.register(Gateway)
class GatewayAdmin(Desk):
    """Gateways and how they fare."""

    form = GatewayForm
    list_display = ["name", "where", "health", "idempotent", "connections", "rate", "max_tries", "last_error"]
    readonly_fields = ["in_words", "trouble", "paused_until", "stopped_at", "last_error"]
    _own = ("name", "url", "new_token", "idempotent")
    _limits = (gettext_lazy("Limits"), {"fields": LIMITS})
    _retries = (gettext_lazy("Trying again"), {"fields": RETRIES})

    def get_fieldsets(self, request: HttpRequest, obj: Gateway | None = None) -> Any:
        """What can be said here, and how it fares."""
        own: tuple[Any, ...] = (None, {"fields": self._own})
        if obj is None:
            return [own, self._limits, self._retries]
        if obj.name == DEFAULT:
            says = _("The address, the token and whether it knows a repeat are said by the environment: %(names)s.")
            description = says % {"names": "GATEWAY_URL, GATEWAY_TOKEN, GATEWAY_IDEMPOTENT"}
            own = (None, {"fields": ("where",), "description": description})
        return [own, self._limits, self._retries, (gettext_lazy("How it fares"), {"fields": self.readonly_fields})]

    def get_readonly_fields(self, request: HttpRequest, obj: Gateway | None = None) -> Any:
        """The default one's address is shown as it is in force."""
        return [*self.readonly_fields, "where"]

    def has_delete_permission(self, request: HttpRequest, obj: Gateway | None = None) -> bool:
        """The default one would be back at the next start."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.name != DEFAULT)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Beside what the database protects: mailings that name it as a fallback."""
        found, counted, lacking, protected = super().get_deleted_objects(objs, request)
        naming = Mailing.objects.filter(fallbacks__overlap=[gateway.pk for gateway in objs])
        return found, counted, lacking, [*protected, *map(str, naming[:20])]

    @display(description=gettext_lazy("address"))
    def where(self, gateway: Gateway) -> str:
        """Where it is called."""
        return (settings.GATEWAY_URL if gateway.name == DEFAULT else gateway.url) or _("not set")

    @display(description=gettext_lazy("health"), label={"works": "success", "troubled": "warning", "stopped": "danger"})
    def health(self, gateway: Gateway) -> tuple[str, str]:
        """In a word."""
        if gateway.stopped_at:
            return "stopped", _("stopped: look at its address and token")
        if gateway.paused_until > timezone.now():
            return "troubled", _("left alone for a while")
        if gateway.trouble:
            return "troubled", _("being probed")
        return "works", _("works")

    @display(description=gettext_lazy("health"))
    def in_words(self, gateway: Gateway) -> str:
        """The same without its colour."""
        _colour, words = self.health(gateway)
        return str(words)

    @display(description=gettext_lazy("token"))
    def new_token(self, gateway: Gateway) -> str:
        """Whether there is one."""
        return _("is set") if gateway.token else _("not set")
