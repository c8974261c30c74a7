"""A client's own properties, which a text may be filled with: a flat object of scalars."""

from math import isfinite
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

MOST = 100
LONGEST_NAME = 64
LONGEST_VALUE = 1000
LARGEST = 2**63


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}], "nullable": True})
class Scalar(serializers.Field[Any, Any, Any, Any]):
    """A text, a number, true, false or null."""

    default_error_messages = {
        "not_scalar": _("Must be a text, a number, true, false or null."),
        "out_of_range": _("This number is too large."),
    }
    _text = serializers.CharField(max_length=LONGEST_VALUE, allow_blank=True, trim_whitespace=False)

    def to_internal_value(self, data: Any) -> Any:
        """The same value. Raises ValidationError."""
        if isinstance(data, str):
            return self._text.run_validation(data)
        if not isinstance(data, int | float):
            self.fail("not_scalar")
        if not isfinite(data) or abs(data) >= LARGEST:
            self.fail("out_of_range")
        return data

    def to_representation(self, value: Any) -> Any:
        """The same value."""
        return value


class Attributes(serializers.DictField):
    """Names and scalars."""

    default_error_messages = {"too_many": _("At most {most} attributes.")}
    child = Scalar(allow_null=True)
    _name = serializers.CharField(max_length=LONGEST_NAME, trim_whitespace=False)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The same object. Raises ValidationError."""
        if isinstance(data, dict) and len(data) > MOST:
            self.fail("too_many", most=MOST)
        values: dict[str, Any] = super().to_internal_value(data)
        for name in values:
            self._name.run_validation(name)
        return values
