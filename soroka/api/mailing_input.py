"""What a mailing is asked for with: a new one, a whole one in its place, or a change of it."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from soroka.api.cap_choice import NAMES, CapSerializer, settle_cap
from soroka.api.fields import Flag, Moment, Text
from soroka.api.filter_field import FilterField
from soroka.api.gateway_names import FallbackNames, GatewayName
from soroka.api.mailing_shapes import MailingSerializer
from soroka.api.segment_choice import SegmentName, choose
from soroka.api.send_window import SendWindowField, service_window
from soroka.domain.schedule import BadSpan, Span
from soroka.domain.template import BadTemplate, check
from soroka.models import Mailing
from soroka.models.link import VARIABLE, carries_link

LONGEST_TEXT = 2000
_TIMES = {"starts_at", "ends_at", "local_time"}
_HOURS = {"window", "widen_window"}
_ROUTE = {"gateway", "fallbacks"}


class NewMailingSerializer(serializers.Serializer[Any]):
    """The text, whom it is for, and when."""  # validated: the arguments of ``create_mailing``, but for the user

    default_error_messages = {
        "needs_start": _("Only a start can be local: give starts_at as well."),
        "ends_in_past": _("Must lie in the future."),
        "wider_window": _(
            'Wider than the service\'s own, which is {window}. If that is meant, say "widen_window": true.'
        ),
        "needs_public_url": _("{name} needs the setting PUBLIC_URL: without it there is no link to opt out by."),
        "own_fallback": _("A gateway cannot be a fallback of itself."),
    }
    name = Text(max_length=200, allow_blank=True, default="")
    text = Text(
        max_length=LONGEST_TEXT,
        style={"base_template": "textarea.html"},
        help_text="Liquid over the client's attributes, phone, tags and opt_out_url.",
    )
    filter = FilterField(source="audience", required=False)
    segment = SegmentName(required=False, allow_null=True, help_text="In place of a filter: the name of a saved one.")
    starts_at = Moment(default=None, allow_null=True, help_text="Left out: now, for everybody.")
    ends_at = Moment()
    local_time = Flag(
        default=None, allow_null=True, help_text="By each client's own clocks. Left out: true if starts_at is given."
    )
    window = SendWindowField(
        default=service_window,
        allow_null=True,
        help_text="At which hours clients may be written to. Left out: the service's; null: at every hour.",
    )
    widen_window = Flag(default=False, help_text="The window is meant to be wider than the service's.")
    gateway = GatewayName(default="default", initial="default")
    fallbacks = FallbackNames(
        default=list, help_text="Gateways that take over, in this order, while those before them are stopped or down."
    )

    cap = CapSerializer(
        default=None, allow_null=True, help_text="Left out: that of the service, SEND_CAP, where it has one."
    )
    lift_cap = Flag(default=False, help_text="The cap may be looser than that of the service, or there may be none.")

    def to_representation(self, instance: Mailing) -> dict[str, Any]:
        """What would ask for this very mailing: where a form begins."""
        shown = MailingSerializer(instance).data
        return {str(name): shown[name] for name in self.fields}

    def validate_text(self, text: str) -> str:
        """A text that renders."""
        try:
            check(text)
            carries = carries_link(text)
        except BadTemplate as error:
            raise serializers.ValidationError(str(error), code="bad_template") from None
        if carries and not settings.PUBLIC_URL:
            self.fail("needs_public_url", name=VARIABLE)
        return text

    def validate_ends_at(self, ends_at: datetime) -> datetime:
        """Not over already, but where a change leaves it as it is."""
        if ends_at <= timezone.now() and ends_at != getattr(self.instance, "ends_at", None):
            self.fail("ends_in_past")
        return ends_at

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What was given makes sense, with what a change leaves. Raises ValidationError."""
        attrs = choose(attrs, self.instance, partial=self.partial)
        if attrs.keys() & _TIMES:
            self._settle_times(attrs)
        if attrs.keys() & NAMES:
            settle_cap(attrs, self.instance)
        self._check_hours({name: attrs[name] for name in _HOURS & attrs.keys()})
        if attrs.keys() & _ROUTE:
            self._check_route(self._kept(_ROUTE) | attrs, "fallbacks" if "fallbacks" in attrs else "gateway")
        return attrs

    def _check_route(self, route: dict[str, Any], field: str) -> None:
        if route["gateway"].pk in route["fallbacks"]:
            self._refuse(field, "own_fallback")

    def _check_hours(self, asked: dict[str, Any]) -> None:
        mailing, service = self.instance, service_window()
        kept = {"window": mailing.send_window, "widen_window": mailing.widen_window} if mailing else {}
        hours = kept | asked
        if service is None or hours == kept or hours["widen_window"]:
            return
        if hours["window"] is None or not hours["window"].within(service):
            self._refuse("window", "wider_window", window=service)

    def _settle_times(self, attrs: dict[str, Any]) -> None:
        if attrs.get("starts_at", ...) is None:
            attrs.setdefault("local_time", None)  # a change to "now" is one to "for everybody"
        times = self._kept(_TIMES) | attrs
        if times["local_time"] is None:
            times["local_time"] = attrs["local_time"] = times["starts_at"] is not None
        self._check_span(times["starts_at"], times["ends_at"], local=times["local_time"])

    def _kept(self, names: set[str]) -> dict[str, Any]:
        return {name: getattr(self.instance, name) for name in names} if self.partial else {}

    def _check_span(self, starts_at: datetime | None, ends_at: datetime, *, local: bool) -> None:
        now = timezone.now()
        if local and starts_at is None:
            self._refuse("local_time", "needs_start")
        try:
            Span(starts_at or now, ends_at, local, settings.TIME_ZONE)
        except BadSpan as error:
            raise serializers.ValidationError({"ends_at": str(error)}, code="ends_before_start") from None

    def _refuse(self, field: str, code: str, **details: Any) -> None:
        raise serializers.ValidationError({field: self.error_messages[code].format(**details)}, code=code)
