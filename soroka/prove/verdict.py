"""A row of the proof, what it found, and the verdict over it."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from soroka.domain.message import Reason
from soroka.prove.record import Call
from soroka.prove.tally import Ledger, Numbers, Promise

if TYPE_CHECKING:
    from soroka.prove.proof import Proof, Sent


class NotRun(Exception):
    """A row needs something that this machine lacks; the message says what."""


#: Rows that run side by side.
GATEWAYS, ORDERS = "gateways", "orders"

#: What must hold of a row's messages beyond what must hold under every fault.
Judge = Callable[[Ledger, Sequence[Call]], list[Promise]]


def _nothing_more(_ledger: Ledger, _calls: Sequence[Call]) -> list[Promise]:
    return []


@dataclass(frozen=True, slots=True)
class Findings:
    """What a fault did to mailings that have come to their end.

    allowed: reasons with which a message may end that was never accepted.  seen: promises that were judged meanwhile.
    """

    name: str
    mailings: Sequence["Sent"]
    allowed: Collection[Reason] = ()
    seen: Sequence[Promise] = ()
    judge: Judge = _nothing_more


@dataclass(frozen=True, slots=True)
class Row:
    """A fault. run: does it.  beside: rows with the same word run side by side, for none disturbs another's gateway."""

    name: str
    fault: str
    run: Callable[["Proof"], Awaitable[Findings | Sequence[Findings]]]
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line. problem: why the row came to no end, empty where it did.  skipped: why it was not run."""

    name: str
    fault: str
    seconds: float
    numbers: Numbers | None
    promises: Sequence[Promise] = field(default_factory=list)
    problem: str = ""
    skipped: str = ""

    @property
    def word(self) -> str:
        """``holds``, ``BROKEN`` or ``not run``."""
        return "not run" if self.skipped else "holds" if self.holds else "BROKEN"

    @property
    def holds(self) -> bool:
        """Whether it was run and every promise was kept."""
        return not self.problem and not self.skipped and all(promise.holds for promise in self.promises)

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        names = Numbers.__dataclass_fields__
        counts = dict(zip(names, self.numbers.values(), strict=True)) if self.numbers else {}
        return {
            "name": self.name,
            "fault": self.fault,
            "holds": self.holds,
            "seconds": round(self.seconds, 1),
            **counts,
            "promises": [promise.as_dict() for promise in self.promises],
            "problem": self.problem,
            "skipped": self.skipped,
        }
