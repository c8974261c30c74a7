"""What a page that asks again and again saw before: it brings it along itself, so that no server has to keep it.

Whichever web process is asked can tell by it how fast a figure grows, and whether there is anything new to show.
"""

from dataclasses import dataclass, field
from typing import Self

#: Seconds over which a speed is told at least, as soon as there are so many; and those after which it is forgotten.
_SPAN, _TOO_LONG = 6.0, 40.0
#: What is longer than that was not written by us.
_LONGEST = 8_000


@dataclass(frozen=True, slots=True)
class Sample:
    """Figures that only grow, by a short name, as they were at a moment: seconds of a clock."""

    at: float
    figures: dict[str, int]

    def __str__(self) -> str:
        return ",".join([f"{self.at:.2f}", *(f"{name}={figure}" for name, figure in self.figures.items())])

    @classmethod
    def read(cls, written: str) -> Self:
        """Raises ValueError."""
        at, *pairs = written.split(",")
        named = (pair.partition("=") for pair in pairs)
        return cls(float(at), {name: int(figure) for name, _, figure in named})


@dataclass(frozen=True, slots=True)
class LastLook:
    """shown: a digest of what was shown.  samples: of two looks at most, the older one first."""

    shown: str = ""
    samples: list[Sample] = field(default_factory=list)

    @classmethod
    def read(cls, written: str) -> Self:
        """What anybody may have written; nothing where it is not ours."""
        if len(written) > _LONGEST:
            return cls()
        try:
            shown, *samples = written.split(";")
            return cls(shown, [Sample.read(each) for each in samples[:2]])
        except ValueError:
            return cls()

    def __str__(self) -> str:
        return ";".join([self.shown, *map(str, self.samples)])

    def speed(self, name: str, now: Sample) -> float | None:
        """How much a figure grows in a second; None where nobody knows yet."""
        for then in self.samples:
            seconds = now.at - then.at
            if 0 < seconds < _TOO_LONG and name in then.figures:
                grown = now.figures[name] - then.figures[name]
                return grown / seconds if grown >= 0 else None
        return None

    def then(self, shown: str, now: Sample) -> "LastLook":
        """What the next look has to know."""
        known = [each for each in self.samples if 0 < now.at - each.at < _TOO_LONG]
        if len(known) < 2:  # noqa: PLR2004  an older and a younger one
            return LastLook(shown, [*known, now])
        older, younger = known
        return LastLook(shown, [younger, now] if now.at - younger.at >= _SPAN else [older, younger])
