"""A filter as callers write it, turned into what a row keeps. Errors name the path: ``and[1].tags.any[0]``."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from soroka.api.attributes import LONGEST_NAME, Scalar
from soroka.api.fields import MOST_ITEMS, Id, Moment, OperatorCode, TagNames, ZoneName
from soroka.audience.attribute import COMPARISONS
from soroka.audience.leaves import ENDINGS
from soroka.models import Mailing
from soroka.models.status import without_messages

#: Bounds of one filter: conditions within conditions, conditions, and things listed in all of them together.
DEEPEST, MOST_CONDITIONS = 10, 100
#: Values of one ``in``: each of them is looked for on its own.
MOST_VALUES = 100
_CHOICES = ("any", "all", "none")

Kept = dict[str, Any]


def checked(data: Any) -> Kept:
    """A tree of conditions as a row keeps it, with the ids of tags. Raises ValidationError."""
    return _Reader().condition(data, depth=1)


class _Reader:
    """Reads one tree, and counts what it has read."""

    def __init__(self) -> None:
        self.conditions = self.items = 0
        self._kinds: dict[str, Callable[[Any, int], Any]] = {
            "and": self._combined,
            "or": self._combined,
            "not": lambda data, depth: self.condition(data, depth + 1),
            "tags": lambda data, _: self._tags(data),
            "operator_codes": lambda data, _: self._list(data, OperatorCode()),
            "timezones": lambda data, _: self._list(data, ZoneName()),
            "created_since": lambda data, _: Moment().run_validation(data).isoformat(),
            **dict.fromkeys(ENDINGS, lambda data, _: _mailing(data)),
            "everyone": lambda data, _: _true(data),
        }

    def condition(self, data: Any, depth: int) -> Kept:
        """One condition and all below it."""
        self._count(depth)
        if not isinstance(data, dict):
            raise _error("not_a_condition", _("Must be an object with one condition."))
        if "attribute" in data:
            return self._attribute(data)
        kind = self._kind(data)
        return {kind: _within(kind, lambda: self._kinds[kind](data[kind], depth))}

    def _count(self, depth: int) -> None:
        self.conditions += 1
        if depth > DEEPEST:
            raise _error("too_deep", _("Conditions lie at most {most} deep.").format(most=DEEPEST))
        if self.conditions > MOST_CONDITIONS:
            raise _error("too_many", _("A filter has at most {most} conditions.").format(most=MOST_CONDITIONS))

    def _kind(self, data: Kept) -> str:
        _refuse_unknown(data, [*self._kinds, "attribute"])
        if not data:
            known = ", ".join([*self._kinds, "attribute"])
            raise _error("not_a_condition", _("Name a condition: {known}.").format(known=known))
        if len(data) > 1:
            raise _error("several_conditions", _('One object is one condition. Combine several with "and" or "or".'))
        return next(iter(data))

    def _combined(self, data: Any, depth: int) -> list[Kept]:
        return _each(_filled(data), lambda part: self.condition(part, depth + 1))

    def _tags(self, data: Any) -> Kept:
        if not isinstance(data, dict) or not data:
            raise _error("not_a_choice", _('Must be an object with lists of names: "any", "all", "none".'))
        _refuse_unknown(data, _CHOICES)
        return {how: _within(how, partial(self._tag_ids, ids)) for how, ids in data.items()}

    def _tag_ids(self, data: Any) -> list[int]:
        self._count_items(data)
        ids: list[int] = TagNames().run_validation(_filled(data))
        return ids

    def _list(self, data: Any, field: serializers.Field[Any, Any, Any, Any]) -> list[Any]:
        self._count_items(data)
        return list(dict.fromkeys(_each(_filled(data), field.run_validation)))

    def _count_items(self, data: Any) -> None:
        self.items += len(data) if isinstance(data, list) else 1
        if self.items > MOST_ITEMS:
            raise _error("too_many", _("A filter lists at most {most} things.").format(most=MOST_ITEMS))

    def _attribute(self, data: Kept) -> Kept:
        _refuse_unknown(data, ["attribute", *COMPARISONS])
        name = _within("attribute", lambda: _NAME.run_validation(data["attribute"]))
        compared = [comparison for comparison in COMPARISONS if comparison in data]
        if len(compared) != 1:
            known = ", ".join(COMPARISONS)
            raise _error("one_comparison", _("Compare the attribute by exactly one of: {known}.").format(known=known))
        [by] = compared
        return {"attribute": name, by: _within(by, lambda: self._compared(by, data[by]))}

    def _compared(self, by: str, data: Any) -> Any:
        if by == "exists":
            return _flag(data)
        if by in {"lt", "gt"}:
            return _ordered(data)
        if by != "in":
            return _SCALAR.run_validation(data)
        self._count_items(data)
        if len(_filled(data)) > MOST_VALUES:
            raise _error("too_many", _("At most {most} items.").format(most=MOST_VALUES))
        return _each(data, _SCALAR.run_validation)


_NAME = serializers.CharField(max_length=LONGEST_NAME, trim_whitespace=False)
_SCALAR = Scalar(allow_null=True)


def _error(code: str, message: str) -> ValidationError:
    return ValidationError([ErrorDetail(message, code=code)])


def _within(key: str, read: Callable[[], Any]) -> Any:
    """What is read below a key; its errors are put below the key as well."""
    try:
        return read()
    except ValidationError as error:
        raise ValidationError({key: error.detail}) from None


def _each(data: list[Any], read: Callable[[Any], Any]) -> list[Any]:
    """Every item read; the errors of all of them by number."""
    found, faults = [], {}
    for place, item in enumerate(data):
        try:
            found.append(read(item))
        except ValidationError as error:
            faults[place] = error.detail
    if faults:
        raise ValidationError(faults)  # type: ignore[arg-type]  # by number: the path is written [1]
    return found


def _filled(data: Any) -> list[Any]:
    if not isinstance(data, list):
        raise _error("not_a_list", _("Must be a list."))
    if not data:
        raise _error("empty", _("Must not be empty."))
    return data


def _refuse_unknown(data: Kept, known: Any) -> None:
    unknown = [key for key in data if key not in known]
    if unknown:
        words = _("Unknown here. Known are: {known}.").format(known=", ".join(known))
        raise ValidationError({str(key)[:64]: [ErrorDetail(words, code="unknown")] for key in unknown})


def _mailing(data: Any) -> int:
    pk: int = Id().run_validation(data)
    if not Mailing.objects.filter(pk=pk).exists():
        raise _error("unknown_mailing", _("There is no mailing {pk}.").format(pk=pk))
    if without_messages([pk]):
        raise _error("messages_gone", _("The messages of mailing {pk} were removed by age.").format(pk=pk))
    return pk


def _true(data: Any) -> bool:
    if data is not True:
        raise _error("not_true", _("Can only be true."))
    return True


def _flag(data: Any) -> bool:
    if not isinstance(data, bool):
        raise _error("invalid", _("Must be true or false."))
    return data


def _ordered(data: Any) -> Any:
    if isinstance(data, bool) or not isinstance(data, str | int | float):
        raise _error("not_ordered", _("Must be a number or a text."))
    return _SCALAR.run_validation(data)
