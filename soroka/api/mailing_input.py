"""What a new mailing is asked with."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from soroka.api.fields import MOST_ITEMS, Moment, OperatorCode, TagNames
from soroka.domain.schedule import BadWindow, Window
from soroka.models import Gateway
from soroka.planning.audience import Filter

LONGEST_TEXT = 2000


class GatewayName(serializers.CharField):
    """The name of a gateway; its row inside."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=64, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Gateway:
        """The gateway's row. Raises ValidationError."""
        name: str = super().run_validation(data)
        if (gateway := Gateway.objects.filter(name=name).first()) is None:
            message = _("There is no gateway {name!r}.").format(name=name)
            raise serializers.ValidationError(message, code="unknown_gateway")
        return gateway


class NewFilterSerializer(serializers.Serializer[dict[str, Any]]):
    """Any of the tags (all with ``match: all``) and one of the operator codes; an empty list restricts nothing."""

    default_error_messages = {
        "restricts_nothing": _('This filter takes every client. If that is meant, say "everyone": true.'),
        "restricts_everyone": _('"everyone" is not true of a filter that names tags or operator codes.'),
    }
    tags = TagNames(default=list)
    operator_codes = serializers.ListField(child=OperatorCode(), default=list, max_length=MOST_ITEMS)
    match = serializers.ChoiceField(choices=["any", "all"], default="any", initial="any")
    everyone = serializers.BooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A filter restricts, or says that it does not."""
        restricts = bool(attrs["tags"] or attrs["operator_codes"])
        if restricts == attrs["everyone"]:
            self.fail("restricts_everyone" if restricts else "restricts_nothing")
        return attrs


class NewMailingSerializer(serializers.Serializer[dict[str, Any]]):
    """The text, whom it is for, and when. Validated, it is the arguments of ``create_mailing``, but for the user."""

    default_error_messages = {
        "needs_start": _("Only a start can be local: give starts_at as well."),
        "ends_in_past": _("Must lie in the future."),
        "ends_before_start": _("Must be after starts_at, also by the wall clock of {zone} when the time is local."),
        "template_not_supported": _("Templates are not supported yet: write the text without {{{{ and {{%."),
    }
    name = serializers.CharField(max_length=200, allow_blank=True, default="")
    text = serializers.CharField(max_length=LONGEST_TEXT, style={"base_template": "textarea.html"})
    filter = NewFilterSerializer()
    starts_at = Moment(default=None, allow_null=True, help_text="Left out: now, for everybody.")
    ends_at = Moment()
    local_time = serializers.BooleanField(
        default=None, allow_null=True, help_text="By each client's own clocks. Left out: true if starts_at is given."
    )
    gateway = GatewayName(default="default", initial="default")

    def validate_text(self, text: str) -> str:
        """A text without the marks of a template."""
        if "{{" in text or "{%" in text:
            self.fail("template_not_supported")
        return text

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The window makes sense, and the filter is one of planning."""
        starts_at: datetime | None = attrs["starts_at"]
        if attrs["local_time"] is None:
            attrs["local_time"] = starts_at is not None
        self._check_window(starts_at, attrs["ends_at"], local=attrs["local_time"])
        chosen = attrs.pop("filter")
        attrs["audience"] = Filter(
            tag_ids=tuple(chosen["tags"]),
            operator_codes=tuple(chosen["operator_codes"]),
            match_all=chosen["match"] == "all",
            everyone=chosen["everyone"],
        )
        return attrs

    def _check_window(self, starts_at: datetime | None, ends_at: datetime, *, local: bool) -> None:
        now = timezone.now()
        if local and starts_at is None:
            self._refuse("local_time", "needs_start")
        if ends_at <= now:
            self._refuse("ends_at", "ends_in_past")
        try:
            Window(starts_at or now, ends_at, local, settings.TIME_ZONE)
        except BadWindow:
            self._refuse("ends_at", "ends_before_start")

    def _refuse(self, field: str, code: str) -> None:
        message = self.error_messages[code].format(zone=settings.TIME_ZONE)
        raise serializers.ValidationError({field: [serializers.ErrorDetail(message, code=code)]})
