"""Plain doubles of what the engine calls: a queue of batches in memory and a gateway that does as it is told."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from soroka.delivery.breaker import Breaker
from soroka.delivery.engine import Lane
from soroka.delivery.ports import Answers, Lease, Offer, Offered
from soroka.domain.outcome import Accepted, Envelope, Outcome
from soroka.domain.verdict import Policy, Verdict

Answer = Callable[[Envelope], Awaitable[Outcome]]


@dataclass
class MemoryQueue:
    """One batch of ``size`` messages, ids from 1, to be claimed ``claims`` times."""

    size: int = 10
    claims: int = 1
    seconds_left: float = 3600
    late: float = 0.0
    careful: bool = False
    first: bool = True
    due_in: float | None = None
    lost: bool = False
    offered: list[list[int]] = field(default_factory=list)
    accepted: list[int] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    lateness: list[float] = field(default_factory=list)
    settles: int = 0
    released: list[float] = field(default_factory=list)
    cuts: list[bool] = field(default_factory=list)
    pauses: list[tuple[float, str, bool]] = field(default_factory=list)
    recoveries: int = 0
    answers: int = 0
    renewals: int = 0

    async def claim(self, room: int) -> Sequence[Lease]:
        if not self.claims:
            return []
        self.claims -= 1
        return [Lease(self.claims, 1, 1, 1, 1, self.size, "text", self.careful)]

    async def offer(self, lease: Lease, size: int) -> Offer | None:
        before = sum(len(ids) for ids in self.offered) % self.size
        ids = list(range(before + 1, min(before + size, self.size) + 1))
        self.offered.append(ids)
        messages = [Offered(message_id, 79160000000 + message_id, "text", 0, self.first) for message_id in ids]
        return Offer(messages, self.late, self.seconds_left, more=ids[-1] < self.size)

    async def settle(self, lease: Lease, answers: Answers) -> bool:
        self.settles += 1
        if not self.lost:
            self.accepted += answers.accepted
            self.verdicts += answers.verdicts
            self.lateness += answers.lateness
        return not self.lost

    async def release(self, lease: Lease, retry_in: float, *, cut: bool = False) -> None:
        self.released.append(retry_in)
        self.cuts.append(cut)

    async def renew(self, leases: Sequence[Lease]) -> set[int]:
        self.renewals += 1
        return set() if self.lost else {lease.batch_id for lease in leases}

    async def next_due(self) -> float | None:
        due_in, self.due_in = self.due_in, None
        return due_in

    async def leave_alone(self, seconds: float, why: str, *, stop: bool) -> None:
        self.pauses.append((seconds, why, stop))

    async def works_again(self) -> None:
        self.recoveries += 1

    async def answered(self) -> None:
        self.answers += 1


class FakeGateway:
    """Remembers what it was offered and answers by a function."""

    def __init__(self, answer: Answer | None = None) -> None:
        self.sent: list[int] = []
        self._answer = answer

    async def send(self, envelope: Envelope) -> Outcome:
        self.sent.append(envelope.id)
        return await self._answer(envelope) if self._answer else Accepted()


class FakeClock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def always(outcome: Outcome) -> Answer:
    async def answer(_: Envelope) -> Outcome:
        await asyncio.sleep(0)
        return outcome

    return answer


def lane_of(queue: MemoryQueue, gateway: FakeGateway, **changes: object) -> Lane:
    values: dict[str, object] = {
        "queue": queue,
        "gateway": gateway,
        "policy": Policy(),
        "breaker": Breaker(0, 0.0, works=True),
        "connections": 4,
        "clock": FakeClock(),
        "lease_seconds": 15.0,
        "transit": 0.5,
    }
    return Lane(**(values | changes))  # type: ignore[arg-type]
