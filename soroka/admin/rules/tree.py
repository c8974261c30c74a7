"""The conditions of a filter as a person sees them: rows in groups, and their JSON as the API takes it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

#: So deep do groups lie in groups: a telephone has no room for more.
DEEPEST = 3
#: A form that has more rows, or more things listed in them, is refused as a whole by the framework: they stay JSON.
MOST_ROWS, MOST_LISTED = 100, 200

JOINTS = ("all", "any", "none")
#: How a row and the API name a choice of tags.
TAG_CHOICES = {"any_tag": "any", "all_tags": "all", "no_tag": "none"}
KINDS = (
    *TAG_CHOICES,
    "operator_codes",
    "timezones",
    "attribute",
    "created_since",
    "delivered",
    "not_delivered",
    "everyone",
)
#: How an attribute is compared. The last two are ``exists`` with true and false.
COMPARISONS = ("eq", "ne", "lt", "gt", "in", "there", "missing")
_THERE = {"there": True, "missing": False}


@dataclass
class Rule:
    """One condition. kind: of ``KINDS``.

    values: what is listed: tags, codes, zones, values of an attribute.
    value: the one thing in place of a list: an attribute's, a moment as text, the number of a mailing.
    key: its place in the form.  fresh: it was asked for just now.
    """

    kind: str = "any_tag"
    values: list[Any] = field(default_factory=list)
    name: str = ""
    by: str = "eq"
    value: Any = ""
    key: str = field(default="", compare=False)
    fresh: bool = field(default=False, compare=False)

    @property
    def is_group(self) -> bool:
        """For templates."""
        return False

    @property
    def lists(self) -> bool:
        """Whether it takes a list of things that are added one by one."""
        return self.kind in {*TAG_CHOICES, "timezones"} or (self.kind == "attribute" and self.by == "in")

    def written(self) -> dict[str, Any]:
        """Its JSON."""
        if self.kind in TAG_CHOICES:
            return {"tags": {TAG_CHOICES[self.kind]: self.values}}
        if self.kind == "attribute":
            return {"attribute": self.name, **self._compared()}
        if self.kind in {"operator_codes", "timezones"}:
            return {self.kind: self.values}
        return {self.kind: True if self.kind == "everyone" else self.value}

    def _compared(self) -> dict[str, Any]:
        if self.by in _THERE:
            return {"exists": _THERE[self.by]}
        return {self.by: self.values if self.by == "in" else self.value}


@dataclass
class Group:
    """Conditions of which all, any or none are met. joint: of ``JOINTS``."""

    joint: str = "all"
    items: list["Rule | Group"] = field(default_factory=list)
    key: str = field(default="", compare=False)
    fresh: bool = field(default=False, compare=False)

    @property
    def is_group(self) -> bool:
        """For templates."""
        return True

    @property
    def may_nest(self) -> bool:
        """Whether a group may be put into it."""
        return self.key.count(".") < DEEPEST - 1

    def written(self) -> dict[str, Any]:
        """Its JSON; "none of" one condition is ``not``, of several ``not`` of ``or``."""
        parts = [item.written() for item in self.items]
        if self.joint != "none":
            return {{"all": "and", "any": "or"}[self.joint]: parts}
        return {"not": parts[0] if self._negates_one else {"or": parts}}

    @property
    def _negates_one(self) -> bool:
        """Whether it is ``not`` of its only item; ``not`` of ``or`` is of all that the ``or`` has."""
        return self.joint == "none" and len(self.items) == 1 and getattr(self.items[0], "joint", "") != "any"

    def walk(self) -> Iterator["Rule | Group"]:
        """It and all below it, in the order of the page."""
        yield self
        for item in self.items:
            yield from item.walk() if isinstance(item, Group) else [item]

    @property
    def fits(self) -> bool:
        """Whether a form has room for it."""
        rows = list(self.walk())
        return len(rows) <= MOST_ROWS and sum(len(row.values) for row in rows if isinstance(row, Rule)) <= MOST_LISTED

    def paths(self, here: str = "filter") -> Iterator[tuple[str, str]]:
        """The path that the API names each of them by, with its key."""
        yield here, self.key
        joint = {"all": ".and", "any": ".or", "none": ".not" if self._negates_one else ".not.or"}[self.joint]
        for place, item in enumerate(self.items):
            path = here + joint + ("" if self._negates_one else f"[{place}]")
            yield from item.paths(path) if isinstance(item, Group) else [(path, item.key)]


def numbered(group: Group, key: str = "0") -> Group:
    """The same with keys: ``0``, ``0.1``, ``0.1.2``."""
    group.key = key
    for place, item in enumerate(group.items):
        item.key = f"{key}.{place}"
        if isinstance(item, Group):
            numbered(item, item.key)
    return group
