"""What every condition on a client can do."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any


class Values:
    """The values of a statement, each beside its text under a name of its own."""

    def __init__(self) -> None:
        self.named: dict[str, Any] = {}

    def bind(self, value: Any, sql_type: str) -> str:
        """A placeholder that stands for the value. sql_type: ours, never a caller's."""
        name = f"filter_{len(self.named)}"
        self.named[name] = value
        return f"%({name})s::{sql_type}"


class Condition(ABC):
    """A condition that a client meets or not: never neither, so that ``not`` is the rest of the clients."""

    @property
    @abstractmethod
    def key(self) -> str:
        """Its name in JSON and in paths."""

    @abstractmethod
    def sql(self, values: Values) -> str:
        """It over ``soroka_client c``: true or false, never null."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """The form in which a row keeps it: with the ids of tags and the numbers of operator codes."""

    def below(self) -> Iterator[tuple[str, "Condition"]]:
        """What it is made of, each with what the path goes on with: ``[0]``."""
        return iter(())


def walk(condition: Condition, path: str) -> Iterator[tuple[str, Condition]]:
    """A condition and all that it is made of, with their paths: ``filter.and[1].tags.any``."""
    here = f"{path}.{condition.key}"
    yield here, condition
    for place, part in condition.below():
        yield from walk(part, here + place)
