"""A mailing is for a filter of its own or for a segment: one of the two, and a copy of its definition."""

from typing import Any

from django.db.models import Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import empty

from soroka.api.fields import Text
from soroka.audience.filter import Filter
from soroka.models import Mailing, Segment

LONGEST_NAME = 200


@extend_schema_field({"type": "string", "maxLength": LONGEST_NAME, "nullable": True})
class SegmentName(Text):
    """The name of a segment, case ignored; its row inside."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_NAME, initial=None, **kwargs)

    def run_validation(self, data: Any = empty) -> Any:
        """The segment, or None. Raises ValidationError."""
        name = super().run_validation(data)
        if name is None:
            return None
        found = Segment.objects.filter(Exact(Lower("name"), Lower(Value(name)))).first()
        if found is None:
            raise ValidationError(_error("unknown_segment", _("There is no segment {name!r}.").format(name=name)))
        return found


def choose(asked: dict[str, Any], mailing: Mailing | None, *, partial: bool) -> dict[str, Any]:
    """What was asked for with ``audience`` and ``segment`` both said, or neither. Raises ValidationError.

    What was read of a mailing names both, and may be sent back.
    """
    segment, audience = asked.get("segment"), asked.get("audience")
    if segment is None:
        if audience is None and (not partial or "segment" in asked):
            raise ValidationError({"filter": _error("required", _('Give a "filter", or the name of a "segment".'))})
        return asked if audience is None else asked | {"segment": None}
    if audience is not None and not _as_it_is(mailing, segment, audience):
        raise ValidationError({"segment": _error("one_of_both", _('Give a "filter" or a "segment", not both.'))})
    return asked | {"audience": audience or Filter.from_json(segment.filter)}


def _as_it_is(mailing: Mailing | None, segment: Segment, audience: Filter) -> bool:
    return mailing is not None and mailing.segment_id == segment.pk and mailing.filter == audience.to_json()


def _error(code: str, message: str) -> list[ErrorDetail]:
    return [ErrorDetail(message, code=code)]
