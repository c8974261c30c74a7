"""JSON of a filter as rows in groups; nothing where it does not fit into them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from soroka.admin.rules.tree import DEEPEST, TAG_CHOICES, Group, Rule, numbered

_SHORT = {"tags", "operator_codes", "match", "everyone"}
_KINDS = {choice: kind for kind, choice in TAG_CHOICES.items()}


class _Strange(Exception):
    """Rows cannot show it."""


def shown(written: Any) -> Group | None:
    """The rows of a filter in the API's shape, checked or not; None where they cannot show all of it."""
    try:
        root = _root(written)
        return numbered(root) if root.fits else None
    except _Strange:
        return None


def _root(written: Any) -> Group:
    match written:
        case {"and": _} | {"or": _} | {"not": _}:
            return _group(written, 1)
        case Mapping() if written.keys() <= _SHORT and not isinstance(written.get("tags"), Mapping):
            return Group("all", _short(written))
        case _:
            return Group("all", _items(written, "all", 1))


def _short(written: Mapping[str, Any]) -> list[Rule | Group]:
    """The short form: tags, codes, everyone."""
    rules: list[Rule | Group] = []
    if tags := written.get("tags"):
        rules.append(Rule("all_tags" if written.get("match") == "all" else "any_tag", _texts(tags)))
    if codes := written.get("operator_codes"):
        rules.append(Rule("operator_codes", _codes(codes)))
    return [*rules, Rule("everyone")] if written.get("everyone") is True else rules


def _group(written: Any, depth: int) -> Group:
    if depth > DEEPEST or len(written) != 1:
        raise _Strange
    match written:
        case {"and": list(parts)}:
            return Group("all", _each(parts, "all", depth))
        case {"or": list(parts)}:
            return Group("any", _each(parts, "any", depth))
        case {"not": {"or": list(parts)} as below} if len(below) == 1:
            return Group("none", _each(parts, "none", depth))
        case {"not": part}:
            return Group("none", _items(part, "none", depth))
        case _:
            raise _Strange


def _each(parts: list[Any], joint: str, depth: int) -> list[Rule | Group]:
    return [item for part in parts for item in _items(part, joint, depth)]


def _items(part: Any, joint: str, depth: int) -> list[Rule | Group]:
    """A part of a group; several choices of tags in one are several rows, all of which are met."""
    match part:
        case {"and": _} | {"or": _} | {"not": _}:
            return [_group(part, depth + 1)]
        case {"tags": Mapping() as choices} if len(part) == 1 and choices.keys() <= _KINDS.keys():
            rules: list[Rule | Group] = [Rule(_KINDS[how], _texts(names)) for how, names in choices.items()]
            if len(rules) == 1 or (joint == "all" and rules):
                return rules
            if rules and depth < DEEPEST:
                return [Group("all", rules)]
            raise _Strange
        case {"attribute": str(name)} if _is_line(name):
            return [_attribute(name, {key: value for key, value in part.items() if key != "attribute"})]
        case Mapping() if len(part) == 1:
            return [_leaf(*next(iter(part.items())))]
        case _:
            raise _Strange


def _leaf(kind: str, value: Any) -> Rule:
    match kind, value:
        case "operator_codes", list():
            return Rule(kind, _codes(value))
        case "timezones", list():
            return Rule(kind, _texts(value))
        case "everyone", True:
            return Rule(kind)
        case "created_since", str() if _is_moment(value):
            return Rule(kind, value=value)
        case (("delivered" | "not_delivered"), int()) if not isinstance(value, bool):
            return Rule(kind, value=value)
        case _:
            if kind in {"created_since", "delivered", "not_delivered"} and value == "":
                return Rule(kind)
            raise _Strange


def _attribute(name: str, compared: dict[str, Any]) -> Rule:
    match compared:
        case {"exists": bool(is_there)} if len(compared) == 1:
            return Rule("attribute", name=name, by="there" if is_there else "missing")
        case {"in": list(values)} if len(compared) == 1 and all(_is_scalar(value) for value in values):
            return Rule("attribute", values, name=name, by="in")
        case {"eq": value} | {"ne": value} | {"lt": value} | {"gt": value} if len(compared) == 1 and _fits(value):
            return Rule("attribute", name=name, by=next(iter(compared)), value=value)
        case _:
            raise _Strange


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)


def _fits(value: Any) -> bool:
    """A line of text holds it: a line's end would be lost, and nothing is no text at all."""
    return _is_scalar(value) and value is not None and _is_line(str(value))


def _is_line(text: str) -> bool:
    return "\n" not in text and "\r" not in text


def _is_moment(written: str) -> bool:
    try:
        datetime.fromisoformat(written)
    except ValueError:
        return False
    return True


def _texts(values: Any) -> list[Any]:
    if not isinstance(values, list) or not all(isinstance(value, str) and _is_line(value) for value in values):
        raise _Strange
    return values


def _codes(values: Any) -> list[Any]:
    """Codes as text; what would be taken apart where they are read again is none."""
    codes = [str(value) for value in values] if isinstance(values, list) else [""]
    if any(code.split() != [code] or "," in code for code in codes):
        raise _Strange
    return codes
