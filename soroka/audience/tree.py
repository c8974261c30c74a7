"""Conditions combined, and read back from a row."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from soroka.audience.attribute import Attribute
from soroka.audience.condition import Condition, Values
from soroka.audience.leaves import ENDINGS, CreatedSince, Ended, Everyone, OperatorCodes, TagChoice, Tags, Timezones


@dataclass(frozen=True, slots=True)
class Combined(Condition):
    """All of some conditions, or one of them at least. joint: ``and`` or ``or``.  parts: at least one."""

    joint: str
    parts: tuple[Condition, ...]

    @property
    def key(self) -> str:
        """Its joint."""
        return self.joint

    def sql(self, values: Values) -> str:
        """In brackets."""
        word = {"and": " AND ", "or": " OR "}[self.joint]
        return "(" + word.join(part.sql(values) for part in self.parts) + ")"

    def to_json(self) -> dict[str, Any]:
        """``{"and": [...]}``."""
        return {self.joint: [part.to_json() for part in self.parts]}

    def below(self) -> Iterator[tuple[str, Condition]]:
        """The parts by number."""
        return ((f"[{place}]", part) for place, part in enumerate(self.parts))


@dataclass(frozen=True, slots=True)
class Not(Condition):
    """Whoever does not meet a condition."""

    part: Condition

    key = "not"

    def sql(self, values: Values) -> str:
        """The rest of the clients, for no condition is ever null."""
        return f"NOT ({self.part.sql(values)})"

    def to_json(self) -> dict[str, Any]:
        """``{"not": {...}}``."""
        return {"not": self.part.to_json()}

    def below(self) -> Iterator[tuple[str, Condition]]:
        """The one part."""
        return iter([("", self.part)])


def read(kept: dict[str, Any]) -> Condition:
    """A condition from the form in which a row keeps it."""
    if "attribute" in kept:
        [(comparison, value)] = [each for each in kept.items() if each[0] != "attribute"]
        return Attribute(kept["attribute"], comparison, value)
    [(key, value)] = kept.items()
    return _READERS[key](value)


def _ended(how: str, mailing: int) -> Condition:
    return Ended(mailing, how)


_READERS: dict[str, Callable[[Any], Condition]] = {
    "and": lambda parts: Combined("and", tuple(map(read, parts))),
    "or": lambda parts: Combined("or", tuple(map(read, parts))),
    "not": lambda part: Not(read(part)),
    "tags": lambda choices: Tags(tuple(TagChoice(how, tuple(ids)) for how, ids in choices.items())),
    "operator_codes": lambda codes: OperatorCodes(tuple(codes)),
    "timezones": lambda names: Timezones(tuple(names)),
    "created_since": lambda moment: CreatedSince(datetime.fromisoformat(moment)),
    **{how: partial(_ended, how) for how in ENDINGS},
    "everyone": lambda _: Everyone(),
}
