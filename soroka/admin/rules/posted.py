"""Rows in groups as a browser sends them, and what its buttons do to them.

``filter-rows`` names every row in the order of the page by its key, ``filter-0.1-kind`` and so on are its answers.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import QueryDict

from soroka.admin.rules.tree import COMPARISONS, JOINTS, KINDS, MOST_ROWS, TAG_CHOICES, Group, Rule, numbered
from soroka.domain.schedule import known_zone

ROOT = "0"
_KEY = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4}){0,9}")


@dataclass(frozen=True, slots=True)
class Posted:
    """The answers of one field. name: of the field."""

    data: QueryDict
    name: str

    def group(self) -> Group:
        """All of them. What belongs to no group is left out."""
        root = Group(self._one_of(JOINTS, ROOT, "joint"), key=ROOT)
        nodes: dict[str, Rule | Group] = {ROOT: root}
        for key in self.data.getlist(f"{self.name}-rows")[: 2 * MOST_ROWS]:
            parent = nodes.get(key.rpartition(".")[0])
            if isinstance(parent, Group) and key not in nodes and _KEY.fullmatch(key):
                parent.items.append(nodes.setdefault(key, self._node(key)))
        return root

    def _node(self, key: str) -> Rule | Group:
        if self._has(key, "joint"):
            return Group(self._one_of(JOINTS, key, "joint"), key=key)
        kind = self._one_of(KINDS, key, "kind")
        rule = Rule(kind, key=key)
        if kind in {*TAG_CHOICES, "timezones"}:
            family = "timezones" if kind == "timezones" else "tags"
            rule.values = _with(self._all(key, family), self._text(key, f"{family}-more"))
        elif kind == "operator_codes":
            rule.values = self._text(key, "codes").replace(",", " ").split()
        elif kind == "attribute":
            self._compare(rule)
        elif kind != "everyone":
            rule.value = self._value(key, kind)
        return rule

    def _compare(self, rule: Rule) -> None:
        rule.name, rule.by = self._text(rule.key, "name"), self._one_of(COMPARISONS, rule.key, "by")
        listed = [_scalar(value) for value in self._all(rule.key, "values")]
        typed = self._value(rule.key, "value") if self._has(rule.key, "value") else None
        if rule.by == "in":
            rule.values = _with(listed, self._text(rule.key, "values-more") if typed is None else typed)
        elif rule.by not in {"there", "missing"}:
            rule.value = next(iter(listed), "") if typed is None else typed

    def _value(self, key: str, part: str) -> Any:
        """What was typed; what was not touched stays as it was written."""
        typed = self._text(key, part)
        was = _scalar(self._text(key, f"{part}-was"))
        if self._has(key, f"{part}-was") and as_text(part, was) == typed:
            return was
        return int(typed) if part.endswith("delivered") and typed.isascii() and typed.isdigit() else typed

    def _one_of(self, known: tuple[str, ...], key: str, part: str) -> str:
        found = self._text(key, part)
        return found if found in known else known[0]

    def _has(self, key: str, part: str) -> bool:
        return f"{self.name}-{key}-{part}" in self.data

    def _text(self, key: str, part: str) -> str:
        return str(self.data.get(f"{self.name}-{key}-{part}", ""))

    def _all(self, key: str, part: str) -> list[Any]:
        return list(self.data.getlist(f"{self.name}-{key}-{part}"))


def acted(root: Group, act: str) -> Group:
    """The rows after a button: ``rule:0.1``, ``group:0.1`` and ``remove:0.1.2``."""
    verb, _, key = act.partition(":")
    for group in [node for node in root.walk() if isinstance(node, Group)]:
        if verb == "remove":
            kept = [item for item in group.items if item.key != key]
            group.items, group.fresh = kept, len(kept) < len(group.items)
        elif group.key == key and verb == "rule":
            group.items.append(Rule(key=_free(group), fresh=True))
        elif group.key == key and verb == "group" and group.may_nest:
            group.items.append(numbered(Group("any", [Rule(fresh=True)]), _free(group)))
    return root


def as_text(part: str, value: Any) -> str:
    """What a line of the form says of a value; of a moment, the wall clock of the service's zone."""
    if part == "created_since" and value:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            return str(value)
        here = moment.astimezone(known_zone(settings.TIME_ZONE)) if moment.tzinfo else moment
        return f"{here:%Y-%m-%dT%H:%M}"
    return value if isinstance(value, str) else json.dumps(value)


def _free(group: Group) -> str:
    """A key that no row of the group has."""
    taken = [int(last) for item in group.items if (last := item.key.rpartition(".")[2]).isdecimal()]
    return f"{group.key}.{max(taken, default=-1) + 1}"


def _with(values: list[Any], more: Any) -> list[Any]:
    return [*values, more] if more != "" and more not in values else values


def _scalar(written: str) -> Any:
    try:
        value = json.loads(written)
    except ValueError:
        return written
    return written if isinstance(value, list | dict) else value
