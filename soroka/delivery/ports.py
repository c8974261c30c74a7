"""What the engine asks of the world: a queue of leased batches and a gateway. Plain values and callables."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from soroka.domain.outcome import Envelope, Outcome
from soroka.domain.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Lease:
    """A claimed batch. ``(batch_id, owner, epoch)`` is the fence that every later write names.

    id_from, id_to: the ids of its messages.
    text: the mailing's, a template where it has something to be filled in.
    careful: earlier leases of it ended in a crash, or its gateway is in trouble, perhaps only since the pump's turn
    began: it is offered one message at a time.
    """

    batch_id: int
    mailing_id: int
    owner: int
    epoch: int
    id_from: int
    id_to: int
    text: str
    careful: bool


@dataclass(frozen=True, slots=True)
class Offered(Envelope):
    """A message that may be sent now. tries: failed ones so far.  first: it was never offered before."""

    tries: int
    first: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """A slice of a batch past the point of no return.

    late: seconds since the batch was due.  seconds_left: until its deadline.  more: the batch goes on after it.
    """

    messages: Sequence[Offered]
    late: float
    seconds_left: float
    more: bool


@dataclass(slots=True)
class Answers:
    """What is to be written about offered messages.

    accepted: ids.  verdicts: on all others.  lateness: of first offers, seconds.
    """

    accepted: list[int]
    verdicts: list[Verdict]
    lateness: list[float]


class BatchFault(Exception):
    """The database refuses something about one batch. The others can be worked on."""


class Queue(Protocol):
    """The durable side. Every call is one short transaction; any may raise what a lost database raises.

    ``offer``, ``settle`` and ``release`` raise BatchFault where only this batch is the matter.
    """

    async def claim(self, room: int) -> Sequence[Lease]:
        """Lease up to ``room`` due batches of the lane's gateway, in turn over the mailings."""

    async def offer(self, lease: Lease, size: int) -> Offer | None:
        """Pass the point of no return for the next ``size`` unsettled messages; None where a fence, pause or deadline
        forbids it.
        """

    async def settle(self, lease: Lease, answers: Answers) -> bool:
        """Write answers; False where the lease is no longer ours."""

    async def release(self, lease: Lease, retry_in: float, *, cut: bool = False) -> None:
        """Give the batch back, closed where nothing is unsettled, else to be claimed again in ``retry_in`` seconds.

        cut: what was not offered yet becomes a batch of its own, which may be claimed at once.
        """

    async def renew(self, leases: Sequence[Lease]) -> set[int]:
        """Extend leases; returns the ids of the batches that are still ours."""

    async def next_due(self) -> float | None:
        """Seconds until the lane's gateway has something due, None where nothing is queued."""

    async def leave_alone(self, seconds: float, why: str, *, stop: bool) -> None:
        """Let nobody claim for the lane's gateway for so long; ``stop``: a person has to look."""

    async def works_again(self) -> None:
        """The lane's gateway answered a probe."""

    async def answered(self) -> None:
        """The lane's gateway answered somebody during this turn."""


class Sender(Protocol):
    """The part of a gateway that the engine uses."""

    async def send(self, envelope: Envelope) -> Outcome:
        """Offer one message. Raises nothing for what a network or a server can do."""


@dataclass(frozen=True, slots=True)
class Permit:
    """Moments at which a message each may be sent: ``count`` of them, ``interval`` seconds apart.

    first: on our clock, seconds; it may be past or to come.
    tolerance: seconds for which a moment can be used; where it is not, it is lost.
    """

    first: float
    interval: float
    count: int
    tolerance: float


class PaceUnknown(Exception):
    """Nobody can say how much may be sent now; the words say why."""


class Pace(Protocol):
    """How fast the lane's gateway may be called, by all pumps together."""

    async def take(self, wanted: int) -> Permit | float:
        """Reserve up to ``wanted`` moments, or say in how many seconds to ask again. Raises PaceUnknown.

        Moments are reserved at most half a second ahead.
        """
