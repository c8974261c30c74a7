"""One gateway's lane in a pump: leased batches go in, slices are offered, sent and settled as they stream.

It knows no framework: the queue and the gateway are callables. No transaction is open while anything is sent.
"""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from soroka.delivery.breaker import Breaker
from soroka.delivery.ports import BatchFault, Lease, Offer, Offered, Queue, Sender
from soroka.delivery.slices import LARGEST, Slice, SliceSize
from soroka.domain.message import Status
from soroka.domain.outcome import Envelope, Unknown
from soroka.domain.verdict import Policy, Verdict, judge

#: Seconds after which outcomes are written even where few have come.
SETTLE_EVERY = 1.0
#: Outcomes that are written at once.
SETTLE_AT = 250
#: How many times the usual batches a lane may have in work while its connections are idle.
HUNGRY = 8
#: Seconds until a batch that the database refuses is tried again, and after a pause that a batch's probes led to.
FAULT_PAUSE, AFTER_PROBES = 60.0, 5.0

log = logging.getLogger(__name__)


@dataclass
class Lane:
    """Everything that one pump does for one gateway.

    clock: seconds that go on while the machine sleeps (CLOCK_BOOTTIME).
    lease_seconds: for how long a claim or renewal holds.
    transit: seconds that a request may need to reach the gateway, the making of a connection included: nothing is sent
    so shortly before a deadline.
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
        self._in_flight = self._at_database = 0

    @property
    def shut(self) -> bool:
        """Nothing more is to be offered: the pump ends or the gateway is to be left alone."""
        return self.closing or self.breaker.open

    def room(self, working: int) -> int:
        """How many more batches to claim where ``working`` are in work.

        Enough to keep the connections busy while a slice is settled; one more at a time where they are idle because
        every slice waits for its last few answers; a single one while the gateway is probed.
        """
        if self.breaker.probing:
            return 1 - working
        usual = 2 + self.connections // LARGEST
        idle = not self._jobs and not self._at_database and self._in_flight < self.connections // 2
        return max(usual - working, 1 if idle and working < HUNGRY * usual else 0)

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
        try:
            pending = await self._offer_all(lease)
        except BatchFault:
            log.exception("batch %s cannot be worked on; it is tried again in %s s", lease.batch_id, FAULT_PAUSE)
            await self._give_back(lease, FAULT_PAUSE)
        else:
            await self._give_back(lease, self._retry_in(pending))

    async def _offer_all(self, lease: Lease) -> list[Verdict]:
        """Offer, send and settle slice by slice; returns what stays in process."""
        pending: list[Verdict] = []
        more = True
        while more and not self.shut and lease.batch_id in self._leases:
            asked = self.clock()
            with self._database():
                offer = await self.queue.offer(lease, self._slice_size(lease))
            if offer is None:
                break
            pending += await self._deliver_slice(lease, offer, asked)
            more = offer.more
        return pending

    @contextmanager
    def _database(self) -> Iterator[None]:
        """A batch waits for the database, not for the gateway."""
        self._at_database += 1
        try:
            yield
        finally:
            self._at_database -= 1

    async def _give_back(self, lease: Lease, retry_in: float) -> None:
        if self._leases.pop(lease.batch_id, None):
            await self.queue.release(lease, retry_in)

    def _slice_size(self, lease: Lease) -> int:
        return 1 if lease.careful or self.breaker.probing else self._size.now

    def _retry_in(self, pending: list[Verdict]) -> float:
        """Seconds after which the batch may be claimed again."""
        if not pending:
            return 0.0
        backoff = self.policy.backoff(max(verdict.tries for verdict in pending), random.random())  # noqa: S311
        if self.breaker.probing and self.breaker.pause:
            # The next probe is somebody else's message: one that always fails must not be all that a gateway is asked.
            return max(backoff, self.breaker.pause.seconds + AFTER_PROBES)
        return backoff

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
            if verdicts and not await self._settle(work, verdicts, lateness):
                break
        self._size.learn(len(offer.messages), self.clock() - asked)
        return pending

    async def _settle(self, work: Slice, verdicts: list[Verdict], lateness: list[float]) -> bool:
        """Write verdicts; where that is refused the batch is given up as it is, and what was sent is in doubt."""
        try:
            with self._database():
                ours = await self.queue.settle(work.lease, verdicts, lateness)
        except BatchFault:
            log.exception("batch %s cannot be settled; its lease is left to run out", work.lease.batch_id)
            ours = False
        if not ours:
            work.abandoned = True
            self._leases.pop(work.lease.batch_id, None)
        return ours

    def _judged(self, work: Slice) -> tuple[list[Verdict], list[float]]:
        answers = work.take()
        counts = self.breaker.blames_messages
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
        held = self._leases.get(work.lease.batch_id)
        return held is not None and work.in_time(self.clock(), self.transit, held[1])

    async def _send(self, work: Slice, message: Offered) -> None:
        late = work.late_at(self.clock())
        self._in_flight += 1
        try:
            outcome = await self.gateway.send(Envelope(message.id, message.phone, message.text))
        except asyncio.CancelledError:
            work.record(message, Unknown("the worker was stopped before the answer came"), late)
            raise
        finally:
            self._in_flight -= 1
        recovered = self.breaker.record(outcome)
        work.record(message, outcome, late)
        if recovered:
            await self.queue.works_again()
