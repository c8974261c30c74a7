"""The filter of a mailing or a segment: as it is sent, as it is shown, and as OpenAPI describes it."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from soroka.api.fields import MOST_ITEMS, Flag, OperatorCode, TagNames, shown_tags
from soroka.api.filter_input import checked
from soroka.audience.filter import Filter
from soroka.audience.tree import read

_SHORT = {"tags", "operator_codes", "match", "everyone"}


class ShortFilterSerializer(serializers.Serializer[Any]):
    """Any of the tags (all with ``match: all``) and one of the operator codes; an empty list restricts nothing."""

    default_error_messages = {
        "restricts_nothing": _('This filter takes every client. If that is meant, say "everyone": true.'),
        "restricts_everyone": _('"everyone" is not true of a filter that names tags or operator codes.'),
    }
    tags = TagNames(default=list)
    operator_codes = serializers.ListField(child=OperatorCode(), default=list, max_length=MOST_ITEMS)
    match = serializers.ChoiceField(choices=["any", "all"], default="any", initial="any")
    everyone = Flag(default=False)

    def validate(self, attrs: Any) -> Any:
        """A ``Filter`` that restricts, or says that it does not."""
        audience = Filter(
            tag_ids=tuple(attrs["tags"]),
            operator_codes=tuple(attrs["operator_codes"]),
            match_all=attrs["match"] == "all",
            everyone=attrs["everyone"],
        )
        if audience.restricts == audience.everyone:
            self.fail("restricts_everyone" if audience.restricts else "restricts_nothing")
        return audience


@extend_schema_field({"$ref": "#/components/schemas/Filter"})
class FilterField(serializers.Field[Any, Any, Any, Any]):
    """A ``Filter`` inside. It is shown in the form in which it was sent; tags by ``context["tag_names"]``."""

    initial = {"tags": [], "operator_codes": [], "match": "any", "everyone": False}

    def to_internal_value(self, data: Any) -> Filter:
        """The filter. Raises ValidationError, with the path of each error."""
        if _is_short(data):
            short = ShortFilterSerializer(data=data)
            short.is_valid(raise_exception=True)
            audience: Filter = short.validated_data
            return audience
        return Filter(tree=read(checked(data)))

    def to_representation(self, value: Filter | dict[str, Any]) -> dict[str, Any]:
        """With the names of tags and three digits of codes."""
        audience = value if isinstance(value, Filter) else Filter.from_json(value)
        names = self.context["tag_names"]
        if audience.tree:
            return _shown(audience.tree.to_json(), names)
        return {
            "tags": shown_tags(audience.tag_ids, names),
            "operator_codes": [f"{code:03}" for code in audience.operator_codes],
            "match": "all" if audience.match_all else "any",
            "everyone": audience.everyone,
        }


def _is_short(data: Any) -> bool:
    """Whether it is of the form that has no conditions; what is no object at all is refused there."""
    return not isinstance(data, Mapping) or (data.keys() <= _SHORT and not isinstance(data.get("tags"), Mapping))


def _shown(kept: dict[str, Any], names: Mapping[int, str]) -> dict[str, Any]:
    match kept:
        case {"and": parts} | {"or": parts}:
            return {next(iter(kept)): [_shown(part, names) for part in parts]}
        case {"not": part}:
            return {"not": _shown(part, names)}
        case {"tags": choices}:
            return {"tags": {how: shown_tags(ids, names) for how, ids in choices.items()}}
        case {"operator_codes": codes}:
            return {"operator_codes": [f"{code:03}" for code in codes]}
        case _:
            return kept
