"""Who meets a filter, by Python alone: nothing here knows how the service does it."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

Person = dict[str, Any]
"""``tags`` (names), ``code``, ``zone``, ``attributes``, ``created``, ``opted_out``, ``became``: status by mailing."""

NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?", re.ASCII)


def chosen(person: Person, asked: dict[str, Any]) -> bool:
    """Whether a filter takes him, in the form in which it is sent."""
    return not person["opted_out"] and meets(person, asked)


def meets(person: Person, asked: dict[str, Any]) -> bool:  # noqa: PLR0911  a line a kind
    if "attribute" in asked:
        return compare(person["attributes"], **asked)
    [(kind, what)] = asked.items()
    match kind:
        case "and":
            return all(meets(person, part) for part in what)
        case "or":
            return any(meets(person, part) for part in what)
        case "not":
            return not meets(person, what)
        case "tags":
            return all(carries(person["tags"], how, set(names)) for how, names in what.items())
        case "operator_codes":
            return f"{person['code']:03}" in what
        case "timezones":
            return person["zone"] in what
        case "created_since":
            return person["created"] >= datetime.fromisoformat(what)
        case "delivered":
            return person["became"].get(what) == "delivered"
        case "not_delivered":
            return person["became"].get(what) in {"not_sent", "in_doubt"}
        case "in_doubt":
            return person["became"].get(what) == "in_doubt"
        case "everyone":
            return True
    raise AssertionError(kind)


def carries(tags: set[str], how: str, names: set[str]) -> bool:
    return {"any": bool(tags & names), "all": names <= tags, "none": not tags & names}[how]


def compare(attributes: dict[str, Any], attribute: str, **by: Any) -> bool:  # noqa: PLR0911  a line a kind
    [(comparison, wanted)] = by.items()
    there = attribute in attributes
    if comparison == "exists":
        return there is wanted
    if not there:
        return False
    own = attributes[attribute]
    match comparison:
        case "eq":
            return same(own, wanted)
        case "ne":
            return not same(own, wanted)
        case "in":
            return any(same(own, each) for each in wanted)
        case "lt":
            return before(own, wanted)
        case "gt":
            return before(wanted, own)
    raise AssertionError(comparison)


def same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    if isinstance(one, str) or isinstance(other, str) or isinstance(one, bool) or isinstance(other, bool):
        return writing(one) == writing(other)
    return bool(one == other)


def writing(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    text = format(Decimal(str(value)), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def before(one: Any, other: Any) -> bool:
    sizes = size(one), size(other)
    if sizes[0] is not None and sizes[1] is not None:
        return sizes[0] < sizes[1]
    words = isinstance(one, str) and isinstance(other, str)
    return words and sizes == (None, None) and [*map(ord, one)] < [*map(ord, other)]


def size(value: Any) -> Decimal | None:
    if isinstance(value, bool) or value is None or (isinstance(value, str) and not NUMBER.fullmatch(value)):
        return None
    return Decimal(str(value))
