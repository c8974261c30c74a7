"""A filter in words."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from soroka.api.fields import shown_tags
from soroka.audience.attribute import Attribute
from soroka.audience.condition import Condition
from soroka.audience.filter import Filter
from soroka.audience.leaves import CreatedSince, Ended, OperatorCodes, TagChoice, Tags, Timezones
from soroka.audience.tree import Combined, Not

Names = Mapping[int, str]


def filter_words(audience: Filter, names: Names) -> str:
    """The whole filter in one sentence. names: of its tags, by id."""
    if audience.tree:
        return _words(audience.tree, names)
    return "; ".join(_words(part, names) for _path, part in audience.parts())


def part_words(part: Condition, names: Names) -> str:
    """One condition; of one that is made of others, how they are combined."""
    match part:
        case Combined(joint="and") | Tags():
            return _("all of the conditions below")
        case Combined():
            return _("at least one of the conditions below")
        case Not():
            return _("not the condition below")
        case _:
            return _words(part, names)


def _words(part: Condition, names: Names) -> str:
    match part:
        case Combined(joint=joint, parts=parts):
            between = {"and": _(" and "), "or": _(" or ")}[joint]
            return between.join(_bracketed(below, names) for below in parts)
        case Not(part=below):
            return _("not %(condition)s") % {"condition": _bracketed(below, names)}
        case Tags(choices=choices):
            return "; ".join(_words(choice, names) for choice in choices)
        case Attribute():
            return _compared(part)
        case _:
            return _leaf(part, names)


def _bracketed(part: Condition, names: Names) -> str:
    words = _words(part, names)
    return words if isinstance(part, Attribute | Not) else f"({words})"


def _leaf(part: Condition, names: Names) -> str:
    match part:
        case TagChoice(how=how, ids=ids):
            return _TAGS[how]() % {"tags": ", ".join(shown_tags(ids, names))}
        case OperatorCodes(codes=codes):
            return _("operator codes: %(codes)s") % {"codes": ", ".join(f"{code:03}" for code in codes)}
        case Timezones(names=zones):
            return _("time zones: %(zones)s") % {"zones": ", ".join(zones)}
        case CreatedSince(moment=moment):
            return _("made since %(moment)s") % {"moment": date_format(localtime(moment), "DATETIME_FORMAT")}
        case Ended(mailing=mailing, how=how):
            return _ENDED[how]() % {"mailing": mailing}
        case _:
            return _("every client")


_TAGS: dict[str, Callable[[], str]] = {
    "any": lambda: _("any of the tags: %(tags)s"),
    "all": lambda: _("all of the tags: %(tags)s"),
    "none": lambda: _("none of the tags: %(tags)s"),
}


_ENDED: dict[str, Callable[[], str]] = {
    "delivered": lambda: _("mailing %(mailing)s was delivered"),
    "not_delivered": lambda: _("mailing %(mailing)s was not sent"),
    "in_doubt": lambda: _("mailing %(mailing)s is in doubt"),
}


def _compared(part: Attribute) -> str:
    if part.comparison == "exists":
        words = _("has the attribute %(name)s") if part.value else _("has no attribute %(name)s")
        return words % {"name": part.name}
    if part.comparison == "in":
        listed = ", ".join(map(_value, part.value))
        return _("%(name)s is one of: %(values)s") % {"name": part.name, "values": listed}
    words = {
        "eq": _("%(name)s is %(value)s"),
        "ne": _("%(name)s is there and is not %(value)s"),
        "lt": _("%(name)s is less than %(value)s"),
        "gt": _("%(name)s is more than %(value)s"),
    }[part.comparison]
    return words % {"name": part.name, "value": _value(part.value)}


def _value(value: Any) -> str:
    if value is None:
        return _("empty")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return f"«{value}»" if isinstance(value, str) else str(value)
