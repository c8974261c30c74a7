"""The cap of a mailing: its own, or that of the service, which it may exceed only where it says so."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from soroka.domain.cap import MOST_DAYS, MOST_MESSAGES, Cap
from soroka.models import Mailing

NAMES = {"cap", "lift_cap"}


class CapSerializer(serializers.Serializer[Any]):
    """At most so many messages to one client within any stretch of so many days of 24 hours."""

    messages = serializers.IntegerField(min_value=1, max_value=MOST_MESSAGES)
    days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS)

    def get_initial(self) -> Any:
        """A form begins without one."""
        return None

    def to_internal_value(self, data: Any) -> Any:
        """The ``Cap``, whole also in a change. Raises ValidationError."""
        numbers = super().to_internal_value(data)
        if missing := self.fields.keys() - numbers.keys():
            raise ValidationError(
                {
                    name: [ErrorDetail(str(self.fields[name].error_messages["required"]), code="required")]
                    for name in missing
                }
            )
        return Cap(**numbers)


def settle_cap(asked: dict[str, Any], mailing: Mailing | None) -> None:
    """Put the cap that counts into what was asked for. Raises ValidationError where it exceeds that of the service.

    What a mailing has already may stay, whatever the service's is now.
    """
    kept = mailing and mailing.cap
    own = asked.get("cap", Cap(**kept) if kept else None)
    lift = asked.get("lift_cap", mailing is not None and mailing.lift_cap)
    if mailing and (own and own.to_json(), lift) == (mailing.cap, mailing.lift_cap):
        asked["cap"] = own
        return
    if own and 0 < settings.RETENTION_DAYS < own.days:
        words = _("Messages are kept for {days} days only: the cap cannot count those before.")
        raise ValidationError(
            {"cap": [ErrorDetail(words.format(days=settings.RETENTION_DAYS), code="beyond_retention")]}
        )
    of_service: Cap | None = settings.SEND_CAP
    if of_service and not lift:
        own = own or of_service
        if not own.keeps(of_service):
            words = _(
                'The cap of the service is {messages} within {days} × 24 hours; say "lift_cap": true to exceed it.'
            )
            raise ValidationError({"cap": [ErrorDetail(words.format(**of_service.to_json()), code="exceeds_cap")]})
    asked["cap"] = own
