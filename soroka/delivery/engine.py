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
from soroka.delivery.ports import Answers, BatchFault, Lease, Offered, Queue, Sender
from soroka.delivery.slices import LARGEST, Held, Slice, SliceSize
from soroka.domain.message import Status
from soroka.domain.outcome import Unknown
from soroka.domain.verdict import Policy, Verdict, judge

#: Seconds after which outcomes are written even where few have come.
SETTLE_EVERY = 1.0
#: Outcomes that are written at once.
SETTLE_AT = 250
#: Seconds after which a batch that is not through goes back to the queue: another mailing may be due its turn.
TURN = 1.0
#: Batches in work at once: while some are at the database, others keep the connections busy.
AT_WORK = 5
#: How many times the usual batches a lane may have in work while its connections are idle.
HUNGRY = 3
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
    ramp: the gateway was left alone until just now; it gets little at first, and twice as much each time.
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
    ramp: bool = False
    closing: bool = False

    def __post_init__(self) -> None:
        self._held: dict[int, Held] = {}
        self._jobs: deque[tuple[Slice, Offered]] = deque()
        self._work = asyncio.Event()
        self._size = SliceSize(min(self.connections, LARGEST), ramp=self.ramp)
        self._in_flight = self._at_database = self._being_offered = 0

    @property
    def shut(self) -> bool:
        """Nothing more is to be offered: the pump ends or the gateway is to be left alone."""
        return self.closing or self.breaker.open

    def room(self, working: int) -> int:
        """How many more batches to claim where ``working`` are in work.

        Enough to keep the connections busy while a slice is settled; one more at a time where they are idle because
        every slice waits for its last few answers; a single one while the gateway is probed or given more by and by.
        """
        if self.breaker.probing or self._size.ramping:
            return 1 - working
        usual = AT_WORK + self.connections // LARGEST
        idle = not self._jobs and not self._at_database and self._in_flight < self.connections // 2
        return max(usual - working, 1 if idle and working < HUNGRY * usual else 0)

    def take(self, lease: Lease, since: float) -> Held:
        """Hold a lease that was asked for at ``since`` by our clock."""
        held = self._held[lease.batch_id] = Held(lease, since + self.lease_seconds)
        return held

    def held(self) -> list[Lease]:
        """The leases that are still believed to be ours."""
        return [held.lease for held in self._held.values()]

    def keep(self, ours: set[int], asked_for: Sequence[Lease], since: float) -> None:
        """Take over the answer to a renewal that was asked for at ``since`` by our clock."""
        for lease in asked_for:
            if lease.batch_id not in ours:
                self._lose(lease)
            elif held := self._held.get(lease.batch_id):
                held.extend(since + self.lease_seconds)

    def _lose(self, lease: Lease) -> None:
        if held := self._held.pop(lease.batch_id, None):
            held.lose()

    async def deliver(self, held: Held) -> None:
        """Offer a leased batch, from end to end or for one turn, and give it back."""
        try:
            pending, more = await self._offer_for_a_turn(held)
        except BatchFault:
            log.exception("batch %s cannot be worked on; it is tried again in %s s", held.lease.batch_id, FAULT_PAUSE)
            await self._give_back(held.lease, FAULT_PAUSE)
        else:
            # What failed waits for its next try; what only waited for its turn must not wait with it.
            turn_is_over = more and not self.shut
            await self._give_back(held.lease, self._retry_in(pending), cut=turn_is_over and bool(pending))

    async def _offer_for_a_turn(self, held: Held) -> tuple[list[Verdict], bool]:
        """Offer, send and settle slice by slice; returns what stays in process, and whether the batch goes on."""
        pending: list[Verdict] = []
        more, began = True, self.clock()
        while more and not self.shut and held.lease.batch_id in self._held:
            if self.clock() - began >= TURN:
                break
            work = await self._begin_slice(held)
            if work is None:
                break
            pending += await self._finish_slice(work)
            more = work.offer.more
        return pending, more

    async def _begin_slice(self, held: Held) -> Slice | None:
        """Offer the next slice and queue it up; None where nothing may be offered."""
        work = await self._offer(held, self._slice_size(held.lease))
        if work is not None:
            self._queue_up(work)
        return work

    async def _offer(self, held: Held, size: int) -> Slice | None:
        asked = self.clock()
        self._being_offered += size
        try:
            with self._database():
                offer = await self.queue.offer(held.lease, size)
        finally:
            self._being_offered -= size
        return None if offer is None else Slice(held, offer, asked, self.transit, SETTLE_AT)

    def _queue_up(self, work: Slice) -> None:
        self._jobs.extend((work, message) for message in work.offer.messages)
        self._work.set()

    @contextmanager
    def _database(self) -> Iterator[None]:
        """A batch waits for the database, not for the gateway."""
        self._at_database += 1
        try:
            yield
        finally:
            self._at_database -= 1

    async def _give_back(self, lease: Lease, retry_in: float, *, cut: bool = False) -> None:
        if self._held.pop(lease.batch_id, None):
            try:
                await self.queue.release(lease, retry_in, cut=cut)
            except BatchFault:
                log.exception("batch %s cannot be given back; its lease is left to run out", lease.batch_id)

    def _slice_size(self, lease: Lease) -> int:
        if lease.careful or self.breaker.probing:
            return 1
        return self._size.now(self.connections - self._in_flight - len(self._jobs) - self._being_offered)

    def _retry_in(self, pending: list[Verdict]) -> float:
        """Seconds after which the batch may be claimed again."""
        if not pending:
            return 0.0
        backoff = self.policy.backoff(max(verdict.tries for verdict in pending), random.random())  # noqa: S311
        if self.breaker.probing and self.breaker.pause:
            # The next probe is somebody else's message: one that always fails must not be all that a gateway is asked.
            return max(backoff, self.breaker.pause.seconds + AFTER_PROBES)
        return backoff

    async def _finish_slice(self, work: Slice) -> list[Verdict]:
        """Settle a slice as it streams; returns what stays in process."""
        pending: list[Verdict] = []
        answered = 0
        while not work.finished:
            await work.wait(SETTLE_EVERY)
            answers = self._judged(work)
            answered += len(answers.accepted) + len(answers.verdicts)
            pending += [verdict for verdict in answers.verdicts if verdict.status is Status.IN_PROCESS]
            if (answers.accepted or answers.verdicts) and not await self._settle(work.held.lease, answers):
                break
        self._learn(work, answered)
        return pending

    def _learn(self, work: Slice, answered: int) -> None:
        """Find out what the next slice may hold."""
        self._size.learn(answered, work.begun_at - work.asked, self.clock() - work.asked)

    async def _settle(self, lease: Lease, answers: Answers) -> bool:
        """Write answers; where that is refused the batch is given up as it is, and what was sent is in doubt."""
        try:
            with self._database():
                ours = await self.queue.settle(lease, answers)
        except BatchFault:
            log.exception("batch %s cannot be settled; its lease is left to run out", lease.batch_id)
            ours = False
        if not ours:
            self._lose(lease)
        return ours

    def _judged(self, work: Slice) -> Answers:
        accepted, failures, lateness = work.take()
        counts = self.breaker.blames_messages
        verdicts = [
            judge(message.id, failure, message.tries, self.policy, counts=counts) for message, failure in failures
        ]
        return Answers(accepted, verdicts, lateness)

    def drop_jobs(self) -> None:
        """Give up what no connection has taken yet: nobody is left to send it."""
        while self._jobs:
            self._jobs.popleft()[0].skip()

    async def send_forever(self) -> None:
        """One connection's worth of sending: pull, offer, record, again. Ends by cancellation."""
        while True:
            if not self._jobs:
                await self._until_work()
            work, message = self._jobs.popleft()
            now = work.begun_at = self.clock()
            # The last look before the point where nothing can be called back.
            if not self.shut and work.may_send(now):
                await self._send(work, message, now)
            else:
                work.skip()

    async def _until_work(self) -> None:
        while not self._jobs:
            self._work.clear()
            await self._work.wait()

    async def _send(self, work: Slice, message: Offered, now: float) -> None:
        self._in_flight += 1
        try:
            outcome = await self.gateway.send(message)
        except asyncio.CancelledError:
            work.record(message, Unknown("the worker was stopped before the answer came"), now)
            raise
        finally:
            self._in_flight -= 1
        recovered = self.breaker.record(outcome)
        work.record(message, outcome, now)
        if recovered:
            await self.queue.works_again()
