"""The hours at which clients may be written to, as they are sent and shown."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from soroka.api.fields import MOST_ITEMS, Text
from soroka.domain.send_window import WEEK, BadHours, SendWindow, minutes_of


def service_window() -> SendWindow | None:
    """What holds for a mailing that says nothing of its own."""
    window: SendWindow | None = settings.SEND_WINDOW
    return window


def service_holidays() -> list[date]:
    """The dates on which no window opens, unless it says so itself."""
    return sorted(settings.HOLIDAYS)


@extend_schema_field({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$", "example": "09:00"})
class Hour(Text):
    """HH:MM on a clock on a wall."""

    initial = ""

    def to_internal_value(self, data: Any) -> str:
        """The same. Raises ValidationError."""
        hour = super().to_internal_value(data)
        try:
            minutes_of(hour)
        except BadHours as error:
            raise serializers.ValidationError(str(error), code="invalid_hour") from None
        return hour


class SendWindowSerializer(serializers.Serializer[Any]):
    """From which hour to which, by each client's own clock; over midnight where ``to`` is the earlier one.

    ``days``: of the week on which it opens, Monday is 1; left out: all.  ``holidays``: dates on which it does not; left
    out: the service's.
    """

    default_error_messages = {"unknown": _("There is no such member: from, to, days and holidays are known.")}
    to = Hour()
    days = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=7), allow_empty=False, max_length=7, default=sorted(WEEK)
    )
    holidays = serializers.ListField(child=serializers.DateField(), max_length=MOST_ITEMS, default=service_holidays)

    def get_fields(self) -> dict[str, Any]:
        """With the one whose name Python keeps for itself."""
        return {"from": Hour(), **super().get_fields()}

    def to_internal_value(self, data: Any) -> Any:
        """The window. A member that nobody knows is an error: a slip of the pen would write at other hours."""
        if isinstance(data, Mapping) and (unknown := [str(name) for name in data if name not in self.fields]):
            words = self.error_messages["unknown"]
            raise serializers.ValidationError({key[:64]: [words] for key in unknown}, code="unknown")
        asked = super().to_internal_value(data)
        try:
            return SendWindow.between(
                asked["from"], asked["to"], frozenset(asked["days"]), frozenset(asked["holidays"])
            )
        except BadHours as error:
            raise serializers.ValidationError({"to": [str(error)]}, code="invalid_hour") from None


@extend_schema_field(SendWindowSerializer)
class SendWindowField(serializers.Field[Any, Any, Any, Any]):
    """A ``SendWindow`` inside, what a mailing keeps of it going out."""

    def get_initial(self) -> dict[str, Any] | None:
        """The service's own: where a form begins."""
        window = service_window()
        return window.to_json() if window else None

    def to_internal_value(self, data: Any) -> SendWindow:
        """The window. Raises ValidationError, with the path of each error."""
        asked = SendWindowSerializer(data=data)
        asked.is_valid(raise_exception=True)
        window: SendWindow = asked.validated_data
        return window

    def to_representation(self, value: dict[str, Any]) -> dict[str, Any]:
        """As it is kept."""
        return value
