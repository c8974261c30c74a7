from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from soroka.api.fields import Flag, Moment


class ResendSerializer(serializers.Serializer[Any]):
    """That what may have come may come twice, and until when."""  # validated: what ``start_resend`` needs of it

    default_error_messages = {
        "not_said": _('A message in doubt may have come: say "may_arrive_twice": true if it may come a second time.'),
        "ends_in_past": _("Must lie in the future."),
    }
    may_arrive_twice = Flag(help_text="Must be true: nobody knows whether the first message came.")
    ends_at = Moment(default=None, allow_null=True, help_text="Left out: as long from now as the first mailing went.")

    def validate_may_arrive_twice(self, said: bool) -> bool:
        """Nothing but true."""
        if not said:
            self.fail("not_said")
        return said

    def validate_ends_at(self, ends_at: Any) -> Any:
        """Not over already."""
        if ends_at is not None and ends_at <= timezone.now():
            self.fail("ends_in_past")
        return ends_at

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The word was said; it is nothing more."""
        return {"ends_at": attrs["ends_at"]}
