"""Fields of more than one resource: what callers write, and what the tables hold."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from soroka.api.pages import MAX_ID
from soroka.domain.phone import InvalidPhone, parse_operator_code, parse_phone
from soroka.domain.schedule import UnknownZone, known_zone, read_moment
from soroka.imports.names import known_tags
from soroka.models.rule_words import translated

MOST_ITEMS = 1000
LONGEST_TAG = 64
#: Moments beyond are slips of the pen, and a zone's offset could carry them out of the calendar.
YEARS = range(2000, 2101)


class Id(serializers.IntegerField):
    """The number of a row; one that no row can have is refused before the database sees it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=MAX_ID, **kwargs)


class Text(serializers.CharField):
    """A text; a number is none."""

    def to_internal_value(self, data: Any) -> str:
        """The text. Raises ValidationError."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Sentence(serializers.CharField):
    """What a rule of ours has said, in the caller's language; other words stay as they are."""

    def to_representation(self, value: str) -> str:
        """The sentence."""
        return translated(value)


class Flag(serializers.BooleanField):
    """True or false, and nothing that might mean it; also as words, for a query has nothing else."""

    _words = {"true": True, "false": False}

    def to_internal_value(self, data: Any) -> bool:
        """The value. Raises ValidationError."""
        if isinstance(data, bool):
            return data
        if not isinstance(data, str) or data not in self._words:
            self.fail("invalid", input=data)
        return self._words[data]


@extend_schema_field({"type": "string", "maxLength": 64, "example": "79161234567"})
class Phone(serializers.Field[Any, Any, str, Any]):
    """Any usual writing in, digits out; an int inside."""

    initial = ""

    def to_internal_value(self, data: Any) -> int:
        """Digits with the country code. Raises ValidationError."""
        try:
            return parse_phone(_short_text(data))
        except InvalidPhone as error:
            raise serializers.ValidationError(str(error), code="invalid_phone") from None

    def to_representation(self, value: int) -> str:
        """79161234567."""
        return str(value)


@extend_schema_field({"type": "string", "pattern": "^[0-9]{3}$", "example": "916"})
class OperatorCode(serializers.Field[int, Any, str, Any]):
    """Three digits in and out; an int inside."""

    def to_internal_value(self, data: Any) -> int:
        """The number of the code. Raises ValidationError."""
        try:
            return parse_operator_code(_short_text(data))
        except ValueError as error:
            raise serializers.ValidationError(str(error), code="invalid_operator_code") from None

    def to_representation(self, value: int) -> str:
        """Three digits."""
        return f"{value:03}"


@extend_schema_field({"type": "string", "maxLength": 64, "example": "Europe/Moscow"})
class ZoneName(serializers.Field[str, Any, str, Any]):
    """The IANA name of a zone, in, out and inside."""

    initial = settings.TIME_ZONE

    def to_internal_value(self, data: Any) -> str:
        """The name. Raises ValidationError."""
        try:
            return known_zone(_short_text(data)).key
        except UnknownZone as error:
            raise serializers.ValidationError(str(error), code="unknown_timezone") from None

    def to_representation(self, value: str) -> str:
        """The name."""
        return value


class TagNames(serializers.ListField):
    """Names in and out, ids inside. Going out, the names are those in ``context["tag_names"]``, id -> name."""

    default_error_messages = {"too_many": _("At most {most} items.")}
    child = Text(max_length=LONGEST_TAG)

    def to_internal_value(self, data: Any) -> list[int]:
        """The tags' ids without repetition. Raises ValidationError, with the index of each unknown name."""
        if isinstance(data, list) and len(data) > MOST_ITEMS:
            self.fail("too_many", most=MOST_ITEMS)
        names: list[str] = super().to_internal_value(data)
        found = known_tags(names)
        unknown: dict[Any, Any] = {at: [_no_tag(name)] for at, name in enumerate(names) if name not in found}
        if unknown:
            raise serializers.ValidationError(unknown)
        return list(dict.fromkeys(found[name] for name in names))

    def to_representation(self, value: Sequence[int]) -> list[str]:
        """The names, in the alphabet's order. A tag that was deleted since shows its number."""
        return shown_tags(value, self.context["tag_names"])


class TagName(Text):
    """The name of one tag; a list of its id inside."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_TAG, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> list[int]:
        """The id, alone in a list. Raises ValidationError."""
        name: str = super().run_validation(data)
        found = known_tags([name])
        if not found:
            raise serializers.ValidationError([_no_tag(name)])
        return list(found.values())


class Moment(serializers.DateTimeField):
    """An ISO 8601 time; without an offset it is read by the clocks of the service's zone."""

    default_error_messages = {"out_of_range": _("Must lie in the years {first} to {last}.")}

    def to_internal_value(self, value: Any) -> datetime:
        """The moment, UTC. Raises ValidationError."""
        try:
            moment = read_moment(_short_text(value), known_zone(settings.TIME_ZONE))
        except ValueError as error:
            raise serializers.ValidationError(str(error), code="invalid_time") from None
        if moment.year not in YEARS:
            self.fail("out_of_range", first=YEARS[0], last=YEARS[-1])
        return moment


def shown_tags(tag_ids: Iterable[int], names: Mapping[int, str]) -> list[str]:
    """The names of tags in the alphabet's order. A tag that was deleted since shows its number."""
    return sorted(names.get(tag_id, f"#{tag_id}") for tag_id in tag_ids)


def _no_tag(name: str) -> ErrorDetail:
    return ErrorDetail(_("There is no tag {name!r}.").format(name=name), code="unknown_tag")


def _short_text(data: Any) -> str:
    """A text, or an integer as text. Raises ValidationError: nobody writes a phone as 7.9e10, or below zero."""
    if isinstance(data, float) or (isinstance(data, int) and data < 0):
        raise serializers.ValidationError(_("Must be a text."), code="invalid")
    return str(serializers.CharField(max_length=64).run_validation(data))
