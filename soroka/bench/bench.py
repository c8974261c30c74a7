"""What every measurement is handed."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from soroka.bench.figures import Row
from soroka.bench.scratch import Scratch

#: What no scale makes smaller: below it there is nothing to measure.
FEWEST = 1_000


@dataclass(frozen=True, slots=True)
class Bench:
    """runs: of every measurement.  scale: 1.0 is full size.  step: says what is done now, for the progress bar.

    notes: sentences that a reader of the figures must know.
    """

    scratch: Scratch
    runs: int
    scale: float
    step: Callable[[str], None]
    notes: list[str] = field(default_factory=list)

    def size(self, full: int) -> int:
        """How many to take where the full measurement takes ``full``."""
        return max(math.ceil(full * self.scale), FEWEST)


@dataclass(frozen=True, slots=True)
class Part:
    """One measurement. steps: of one run, for the progress bar.  measure: makes its rows."""

    name: str
    steps: int
    measure: Callable[[Bench], Iterator[Row]]
