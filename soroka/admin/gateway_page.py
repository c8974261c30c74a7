"""What a gateway's page shows beside its settings: how it fares, what it refused, a test message, a new start."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from rest_framework.exceptions import APIException
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from soroka.admin.api_form import judge
from soroka.admin.base import posted
from soroka.api.roles import WRITERS, roles_of
from soroka.api.trials import NewTrialSerializer, try_gateway
from soroka.api.words import OUTCOME, TRIAL
from soroka.dispatch.gateways import DEFAULT
from soroka.models import Gateway
from soroka.models.rule_words import translated
from soroka.queue.hold import try_again
from soroka.statistics.attempts import latest_refusals
from soroka.statistics.speed import measured_speed
from soroka.tasks import ring

REFUSALS_SHOWN = 20
_COLOURS = {"accepted": "success", "rejected": "danger", "deferred": "warning", "unknown": "warning"}
_MEANS = {
    "accepted": gettext_lazy("The gateway works: it took the message over. Whether a phone shows it, the phone tells."),
    "rejected": gettext_lazy("The gateway answers, and refuses this message for good."),
    "deferred": gettext_lazy("Nothing was sent: the gateway certainly did not take the message."),
    "unknown": gettext_lazy("The message may have been sent, and nobody can say."),
}


class TrialForm(forms.Form):
    """A test message."""

    phone = forms.CharField(
        label=gettext_lazy("phone"),
        widget=UnfoldAdminTextInputWidget({"inputmode": "tel", "autocomplete": "off", "id": "trial-phone"}),
        help_text=gettext_lazy("Your own: a real message goes to it."),
    )
    text = forms.CharField(
        label=gettext_lazy("text"), widget=UnfoldAdminTextareaWidget({"rows": 2, "id": "trial-text"})
    )

    def clean(self) -> dict[str, Any]:
        """By the rules of the API."""
        answers = super().clean() or self.cleaned_data
        if not self.errors:
            self.serializer = NewTrialSerializer(data=answers)
            judge(self, self.serializer)
        return answers


class GatewayPage:
    """For the ``Desk`` of gateways."""

    change_form_template = "admin/soroka/gateway.html"

    def get_urls(self: Any) -> list[URLPattern]:
        """What can be done to a gateway."""
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/trial/", wrap(self.trial_view), name="soroka_gateway_trial"),
            path("<int:pk>/start/", wrap(self.start_view), name="soroka_gateway_start"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def change_view(
        self: Any, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The settings below, or the part that is fetched anew all the time."""
        gateway: Gateway = self.seen(request, object_id)
        if request.GET.get("part") == "fares":
            return TemplateResponse(request, "admin/soroka/gateway_fares.html", _fares(request, gateway))
        more = {} if request.method == "POST" else _fares(request, gateway) | _around(gateway)
        answer: HttpResponse = super().change_view(request, object_id, form_url, (extra_context or {}) | more)  # type: ignore[misc]
        return answer

    def trial_view(self: Any, request: HttpRequest, pk: int) -> HttpResponse:
        """Send the test message; the answer as a part of the page, or as a page where no script asked for it."""
        gateway: Gateway = self.seen(request, str(pk))
        if not may_try(request):
            raise PermissionDenied
        form = TrialForm(posted(request)[0], initial={"text": _("A test of Soroka.")})
        told = {}
        if request.method == "POST" and form.is_valid():
            told = told_of_trial(request.user, gateway, **form.serializer.validated_data)
        shown = {"original": gateway, "trial_form": form, "may_try": True} | told
        if request.headers.get("HX-Request"):
            return TemplateResponse(request, "admin/soroka/gateway_trial.html", shown)
        answer: HttpResponse = self.page(request, "gateway_trial_page.html", _("A test message"), **shown)
        return answer

    def start_view(self: Any, request: HttpRequest, pk: int) -> HttpResponse:
        """Leave the gateway alone no longer."""
        gateway: Gateway = self.seen(request, str(pk))
        if not may_try(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try_again(gateway.pk)
        ring()
        messages.success(request, _("The gateway is probed with the next message that is due."))
        return HttpResponseRedirect(reverse("admin:soroka_gateway_change", args=[gateway.pk]))


def may_try(request: HttpRequest) -> bool:
    """Whether the user's role sends messages."""
    return bool(roles_of(request.user) & WRITERS)


def told_of_trial(user: Any, gateway: Gateway, phone: int, text: str) -> dict[str, Any]:
    """Send a test message, and say in words what came of it."""
    try:
        trial = try_gateway(user, gateway, phone, text)
    except APIException as error:
        return {"refusal": str(error.detail)}
    return {
        "trial": trial,
        "outcome": TRIAL[trial.outcome],
        "colour": _COLOURS[trial.outcome],
        "means": _MEANS[trial.outcome],
        "detail": translated(trial.detail),
    }


def _fares(request: HttpRequest, gateway: Gateway) -> dict[str, Any]:
    """How it fares now."""
    state, colour, sentence = health_of(gateway)
    left_alone = gateway.paused_until > timezone.now()
    return {
        "original": gateway,
        "state": state,
        "state_colour": colour,
        "sentence": sentence,
        "left_alone": left_alone,
        "in_trouble": left_alone or gateway.trouble or gateway.stopped_at,
        "may_try": may_try(request),
        "refusals": [(each, OUTCOME[each.outcome]) for each in latest_refusals(gateway.pk, REFUSALS_SHOWN)],
    }


def _around(gateway: Gateway) -> dict[str, Any]:
    """What is fetched once."""
    speed = measured_speed(gateway.pk)
    return {
        "speed": speed,
        "share": min(speed / gateway.rate * 100, 100) if speed and gateway.rate else None,
        "trial_form": TrialForm(initial={"text": _("A test of Soroka.")}),
        "settings_of_environment": gateway.name == DEFAULT,
    }


def health_of(gateway: Gateway) -> tuple[Any, str, str]:
    """A word, its colour, and what it means."""
    if gateway.stopped_at:
        mend = (
            _("The address or the token is wrong. They come from the environment: GATEWAY_URL and GATEWAY_TOKEN.")
            if gateway.name == DEFAULT
            else _("The address or the token is wrong. Mend them below.")
        )
        probed = _("It is probed with a single message once a minute.")
        return _("stopped"), "danger", f"{mend} {probed}"
    if gateway.trouble:
        failures = ngettext(
            "It failed %(number)s time in a row.", "It failed %(number)s times in a row.", gateway.trouble
        ) % {"number": gateway.trouble}
        waits = (
            _("It is left alone for a while, then probed with single messages.")
            if gateway.paused_until > timezone.now()
            else _("It is probed with single messages.")
        )
        return _("failing"), "warning", f"{failures} {waits}"
    if gateway.paused_until > timezone.now():
        return _("left alone"), "warning", _("The gateway asked to be left alone for a while.")
    return _("works"), "success", _("Messages go through it as they fall due.")
