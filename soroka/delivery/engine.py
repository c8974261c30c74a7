"""One gateway's lane in a pump: leased batches go in, slices are offered, sent and settled as they stream.

It knows no framework: the queue and the gateway are callables. No transaction is open while anything is sent.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from soroka.delivery.breaker import Breaker
from soroka.delivery.ports import Lease, Offer, Offered, Queue, Sender
from soroka.delivery.slices import Slice, SliceSize
from soroka.domain.message import Status
from soroka.domain.outcome import Envelope, Unknown
from soroka.domain.verdict import Policy, Verdict, judge

#: Seconds after which outcomes are written even where few have come.
SETTLE_EVERY = 1.0
#: Outcomes that are written at once.
SETTLE_AT = 250


@dataclass
class Lane:
    """Everything that one pump does for one gateway.

    clock: seconds that go on while the machine sleeps (CLOCK_BOOTTIME).
    lease_seconds: for how long a claim or renewal holds.
    transit: seconds that a request may need to reach the gateway, the making of a connection included: nothing is sent
    so shortly before a deadline or the end of a lease.
    closing: no slice is begun any more and what waits is not sent.
    """

    queue: Queue
    gateway: Sender
    policy: Policy
    breaker: Breaker
    connections: int
    clock: Callable[[], float]
    lease_seconds: float
    transit: float
    closing: bool = False

    def __post_init__(self) -> None:
        self._leases: dict[int, tuple[Lease, float]] = {}
        self._jobs: deque[tuple[Slice, Offered]] = deque()
        self._work = asyncio.Event()
        self._size = SliceSize(self.connections)

    @property
    def shut(self) -> bool:
        """Nothing more is to be offered: the pump ends or the gateway is to be left alone."""
        return self.closing or self.breaker.open

    def take(self, lease: Lease, since: float) -> None:
        """Hold a lease that was asked for at ``since`` by our clock."""
        self._leases[lease.batch_id] = (lease, since + self.lease_seconds)

    def held(self) -> list[Lease]:
        """The leases that are still believed to be ours."""
        return [lease for lease, _ in self._leases.values()]

    def keep(self, ours: set[int], asked_for: Sequence[Lease], since: float) -> None:
        """Take over the answer to a renewal that was asked for at ``since`` by our clock."""
        for lease in asked_for:
            if lease.batch_id not in ours:
                self._leases.pop(lease.batch_id, None)
            elif lease.batch_id in self._leases:
                self.take(lease, since)

    async def deliver(self, lease: Lease) -> None:
        """Offer a leased batch once from end to end and give it back."""
        pending: list[Verdict] = []
        more = True
        while more and not self.shut and lease.batch_id in self._leases:
            asked = self.clock()
            offer = await self.queue.offer(lease, self._slice_size(lease))
            if offer is None:
                break
            pending += await self._deliver_slice(lease, offer, asked)
            more = offer.more
        if self._leases.pop(lease.batch_id, None):
            await self.queue.release(lease, self._retry_in(pending))

    def _slice_size(self, lease: Lease) -> int:
        return 1 if lease.careful or self.breaker.probing else self._size.now

    def _retry_in(self, pending: list[Verdict]) -> float:
        if not pending:
            return 0.0
        return self.policy.backoff(max(verdict.tries for verdict in pending), random.random())  # noqa: S311

    async def _deliver_slice(self, lease: Lease, offer: Offer, asked: float) -> list[Verdict]:
        """Send a slice and settle it as it streams; returns what stays in process."""
        work = Slice(lease, offer, asked, SETTLE_AT)
        self._jobs.extend((work, message) for message in offer.messages)
        self._work.set()
        pending: list[Verdict] = []
        while not work.finished:
            await work.wait(SETTLE_EVERY)
            verdicts, lateness = self._judged(work)
            pending += [verdict for verdict in verdicts if verdict.status is Status.IN_PROCESS]
            if verdicts and not await self.queue.settle(lease, verdicts, lateness):
                work.abandoned = True
                self._leases.pop(lease.batch_id, None)
                break
        self._size.learn(len(offer.messages), self.clock() - asked)
        return pending

    def _judged(self, work: Slice) -> tuple[list[Verdict], list[float]]:
        answers = work.take()
        counts = not self.breaker.open and not self.breaker.probing
        verdicts = [
            judge(message.id, outcome, message.tries, self.policy, counts=counts) for message, outcome, _ in answers
        ]
        return verdicts, [late for message, _, late in answers if message.first]

    def drop_jobs(self) -> None:
        """Give up what no connection has taken yet: nobody is left to send it."""
        while self._jobs:
            self._jobs.popleft()[0].skip()

    async def send_forever(self) -> None:
        """One connection's worth of sending: pull, offer, record, again. Ends by cancellation."""
        while True:
            while not self._jobs:
                self._work.clear()
                await self._work.wait()
            work, message = self._jobs.popleft()
            if self._may_send(work):
                await self._send(work, message)
            else:
                work.skip()

    def _may_send(self, work: Slice) -> bool:
        """The last look before the point where nothing can be called back."""
        if self.shut or work.abandoned:
            return False
        lease = self._leases.get(work.lease.batch_id)
        return lease is not None and work.in_time(self.clock() + self.transit, lease_until=lease[1])

    async def _send(self, work: Slice, message: Offered) -> None:
        late = work.late_at(self.clock())
        try:
            outcome = await self.gateway.send(Envelope(message.id, message.phone, message.text))
        except asyncio.CancelledError:
            work.record(message, Unknown("the worker was stopped before the answer came"), late)
            raise
        recovered = self.breaker.record(outcome)
        work.record(message, outcome, late)
        if recovered:
            await self.queue.works_again()
