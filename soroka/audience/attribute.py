"""Conditions on a client's own attribute: what is equal, what is less, and what a missing one means (ADR 16)."""

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from soroka.audience.condition import Condition, Values

#: What an attribute may be compared by.
COMPARISONS = ("eq", "ne", "lt", "gt", "in", "exists")
#: A text that is written like a number is one where it is compared by size: files have nothing but texts.
NUMBER = r"^-?[0-9]{1,30}([.][0-9]{1,30})?$"
_NUMBER = re.compile(r"-?[0-9]{1,30}([.][0-9]{1,30})?")
#: The one writing of a number that equals it: without zeros that say nothing. "007" is a text.
_PLAIN = re.compile(r"-?(0|[1-9][0-9]{0,29})([.][0-9]{0,29}[1-9])?")


@dataclass(frozen=True, slots=True)
class Attribute(Condition):
    """A comparison of one attribute. value: of ``in`` a list of scalars, of ``exists`` a bool, else a scalar."""

    name: str
    comparison: str
    value: Any

    key = "attribute"

    def sql(self, values: Values) -> str:
        """``eq``, ``in`` and ``exists`` by the index of attributes."""
        match self.comparison:
            case "exists":
                return self._exists(values) if self.value else f"NOT {self._exists(values)}"
            case "eq":
                return self._equal(values, [self.value])
            case "in":
                return self._equal(values, self.value)
            case "ne":
                return f"({self._exists(values)} AND NOT {self._equal(values, [self.value])})"
            case _:
                return self._beyond(values)

    def to_json(self) -> dict[str, Any]:
        """``{"attribute": "city", "eq": "Moscow"}``."""
        return {"attribute": self.name, self.comparison: self.value}

    def _exists(self, values: Values) -> str:
        return f"c.attributes ? {values.bind(self.name, 'text')}"

    def _equal(self, values: Values, wanted: list[Any]) -> str:
        """Containment, one by one: an array of them the index would not be asked for."""
        name = json.dumps(self.name)
        writings = dict.fromkeys(writing for value in wanted for writing in equals(value))
        pairs = [values.bind(f"{{{name}: {writing}}}", "jsonb") for writing in writings]
        return "(" + " OR ".join(f"c.attributes @> {pair}" for pair in pairs) + ")"

    def _beyond(self, values: Values) -> str:
        """Numbers by size, other texts by the order of their characters; the two are never compared."""
        sign = "<" if self.comparison == "lt" else ">"
        name = values.bind(self.name, "text")
        own, number = f"(c.attributes ->> {name})", values.bind(NUMBER, "text")
        if (amount := _amount(self.value)) is None:
            than = values.bind(self.value, "text")
            of_number, of_text = "false", f'{own} !~ {number} AND {own} COLLATE "C" {sign} {than}'
        else:
            than = values.bind(amount, "numeric")
            of_number = f"{own}::numeric {sign} {than}"
            of_text = f"CASE WHEN {own} ~ {number} THEN {of_number} ELSE false END"
        return (
            f"CASE jsonb_typeof(c.attributes -> {name}) WHEN 'number' THEN {of_number}"
            f" WHEN 'string' THEN {of_text} ELSE false END"
        )


def equals(value: Any) -> list[str]:
    """The JSON of everything that equals a scalar: 30 and "30", true and "true", "007" and nothing else.

    A number, true and false equal the text that is their plain writing, both ways round.
    """
    if isinstance(value, str):
        bare = value in {"true", "false"} or (_PLAIN.fullmatch(value) and value != "-0")
        return [json.dumps(value), *([value] if bare else [])]
    if isinstance(value, bool):
        return [json.dumps(value), json.dumps(json.dumps(value))]
    if value is None:
        return ["null"]
    return [json.dumps(value), json.dumps(_plain(value))]


def _plain(number: int | float) -> str:
    decimal = Decimal(repr(number))
    return f"{decimal.normalize():f}" if decimal else "0"


def _amount(value: Any) -> str | None:
    """A number, or a text that is written like one, as text; None for another text."""
    if isinstance(value, str):
        return value if _NUMBER.fullmatch(value) else None
    return repr(value)
