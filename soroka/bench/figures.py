"""What was measured: values of several runs, and what they are held against."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from soroka.bench.errors import BenchError


@dataclass(frozen=True, slots=True)
class Target:
    """What the median of a row should reach. at_least: else it is a most."""

    bound: float
    at_least: bool = False

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {figure(self.bound)}"

    def met_by(self, value: float) -> bool:
        """Whether a value reaches it."""
        return value >= self.bound if self.at_least else value <= self.bound


def at_least(bound: float) -> Target:
    """More is better."""
    return Target(bound, at_least=True)


def at_most(bound: float) -> Target:
    """Less is better."""
    return Target(bound)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the result. part: the measurement it belongs to.  values: one a run, in ``unit``."""

    part: str
    name: str
    unit: str
    values: tuple[float, ...]
    target: Target | None = None

    @property
    def median(self) -> float:
        """The middle value, or the mean of the two in the middle."""
        return median(self.values)

    @property
    def verdict(self) -> str:
        """``met``, ``missed``, or nothing where there is no target. Judged by the median."""
        if self.target is None:
            return ""
        return "met" if self.target.met_by(self.median) else "missed"


@dataclass(frozen=True, slots=True)
class Share:
    """A function and how much of the CPU time of a pump's Python is its own, percent."""

    percent: float
    function: str


def quantile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` (0..1) of the values do not exceed: the nearest rank. Raises BenchError for none."""
    if not values:
        raise BenchError("there is nothing to take a quantile of")
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


def figure(value: float) -> str:
    """A number with three digits that count: 25,417 1,250 98.7 0.812."""
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}"
