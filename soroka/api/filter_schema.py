"""What OpenAPI says of a filter: one object that may hold others of its kind."""

from copy import deepcopy
from typing import Any

from drf_spectacular.generators import SchemaGenerator

from soroka.api.attributes import LONGEST_NAME
from soroka.api.fields import LONGEST_TAG, MOST_ITEMS
from soroka.api.filter_input import MOST_VALUES
from soroka.audience.leaves import ENDINGS

_SELF = {"$ref": "#/components/schemas/Filter"}
_NAMES = {"type": "array", "items": {"type": "string", "maxLength": LONGEST_TAG}, "maxItems": MOST_ITEMS}
_SCALAR = {"oneOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}], "nullable": True}
_ORDERED = {"oneOf": [{"type": "string"}, {"type": "number"}]}
_CODES = {"type": "array", "items": {"type": "string", "pattern": "^[0-9]{3}$"}, "maxItems": MOST_ITEMS}
_CHOICES = {"type": "object", "properties": dict.fromkeys(("any", "all", "none"), _NAMES)}

FILTER: dict[str, Any] = {
    "type": "object",
    "description": "One condition on a client, or the short form: ``tags`` as a list, ``operator_codes``, ``match``.",
    "properties": {
        "tags": {"oneOf": [_NAMES, _CHOICES]},
        "operator_codes": _CODES,
        "match": {"type": "string", "enum": ["any", "all"]},
        "everyone": {"type": "boolean"},
        "timezones": {"type": "array", "items": {"type": "string"}, "maxItems": MOST_ITEMS},
        "attribute": {"type": "string", "maxLength": LONGEST_NAME},
        "eq": _SCALAR,
        "ne": _SCALAR,
        "lt": _ORDERED,
        "gt": _ORDERED,
        "in": {"type": "array", "items": _SCALAR, "maxItems": MOST_VALUES},
        "exists": {"type": "boolean"},
        "created_since": {"type": "string", "format": "date-time"},
        **{how: {"type": "integer"} for how in ENDINGS},
        "and": {"type": "array", "items": _SELF},
        "or": {"type": "array", "items": _SELF},
        "not": _SELF,
    },
}


def add_filter(result: dict[str, Any], generator: SchemaGenerator, **_: Any) -> dict[str, Any]:
    """A postprocessing hook of drf-spectacular: the filter as a component, of which no member is required."""
    result["components"]["schemas"]["Filter"] = deepcopy(FILTER)  # what comes after translates it in place
    return result
