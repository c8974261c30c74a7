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
from soroka.admin.gateway_address import check_gateway_address
from soroka.admin.gateway_page import GatewayPage
from soroka.api.gateways import LIMITS, RETRIES
from soroka.dispatch.gateways import DEFAULT
from soroka.models import Gateway, Mailing


class GatewayForm(forms.ModelForm):  # type: ignore[type-arg]
    """A gateway. Its secrets go in and never come out."""

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
        help_text=gettext_lazy(
            "It is kept encrypted and never shown. Left empty: it stays as it is. Another address needs it anew."
        ),
    )

    new_inbound_secret = forms.CharField(
        label=gettext_lazy("secret of replies"),
        required=False,
        min_length=16,
        max_length=200,
        widget=UnfoldAdminPasswordWidget({"autocomplete": "new-password"}),
        help_text=gettext_lazy(
            "It signs the replies that the gateway hands in. It is kept encrypted and never shown. "
            "Left empty: it stays as it is. Another address needs it anew."
        ),
    )

    class Meta:
        model = Gateway
        fields = ["name", "url", "idempotent", *LIMITS, *RETRIES]
        help_texts = {
            "max_tries": gettext_lazy(
                "So often a message may be put off before it is given up; an outage of the gateway does not count."
            ),
            "backoff_cap": gettext_lazy("However often it failed, a message waits no longer than that."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.name == DEFAULT:
            del self.fields["url"], self.fields["new_token"]

    def clean_url(self) -> str:
        """One that may be called."""
        check_gateway_address(self.cleaned_data["url"])
        return str(self.cleaned_data["url"])

    def clean(self) -> dict[str, Any]:
        """A secret is for whoever it was entered for: with another address it would be told to somebody else."""
        answers = super().clean() or self.cleaned_data
        if "url" in self.changed_data:
            kept = {"new_token": self.instance.token, "new_inbound_secret": self.instance.inbound_secret}
            for name, secret in kept.items():
                if secret and name not in self.errors and not answers.get(name):
                    self.add_error(name, _("The address is another one: enter this anew."))
        return answers

    def save(self, commit: bool = True) -> Any:
        """The row, with those of its secrets that were entered."""
        if token := self.cleaned_data.get("new_token"):
            self.instance.set_token(token)
        if secret := self.cleaned_data["new_inbound_secret"]:
            self.instance.set_inbound_secret(secret)
        return super().save(commit)


@admin.register(Gateway)
class GatewayAdmin(GatewayPage, Desk):
    """Gateways and how they fare."""

    form = GatewayForm
    list_display = ["name", "where", "health", "rate", "last_error"]
    _own = ("name", "url", "new_token", "idempotent")
    _limits = (gettext_lazy("Limits"), {"fields": LIMITS})
    _retries = (gettext_lazy("Trying again"), {"fields": RETRIES})

    _replies = (gettext_lazy("Replies"), {"fields": ["new_inbound_secret"]})

    def get_fieldsets(self, request: HttpRequest, obj: Gateway | None = None) -> Any:
        """What can be said here."""
        own: tuple[Any, ...] = (None, {"fields": self._own})
        if obj is None:
            return [own, self._limits, self._retries, self._replies]
        if obj.name == DEFAULT:
            says = _("The address, the token and whether it knows a repeat are said by the environment: %(names)s.")
            description = says % {"names": "GATEWAY_URL, GATEWAY_TOKEN, GATEWAY_IDEMPOTENT"}
            own = (None, {"fields": ("where",), "description": description})
        return [own, self._limits, self._retries, self._replies]

    def get_readonly_fields(self, request: HttpRequest, obj: Gateway | None = None) -> Any:
        """The default one's address is shown as it is in force."""
        return ["where"]

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

    @display(description=gettext_lazy("token"))
    def new_token(self, gateway: Gateway) -> str:
        """Whether there is one."""
        return _("is set") if gateway.token else _("not set")

    @display(description=gettext_lazy("secret of replies"))
    def new_inbound_secret(self, gateway: Gateway) -> str:
        """Whether there is one."""
        return _("is set") if gateway.inbound_secret else _("not set")
