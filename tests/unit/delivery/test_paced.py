"""A lane with a pace: when its messages leave, and what becomes of the others."""

import asyncio
import time
from dataclasses import dataclass, field, fields

from soroka.delivery.pace import Moments
from soroka.delivery.paced import PacedLane
from soroka.delivery.ports import Lease, Offer, PaceUnknown, Permit
from soroka.delivery.pump import Pump
from soroka.domain.outcome import Accepted, Envelope, Outcome
from tests.unit.delivery.doubles import FakeGateway, MemoryQueue, lane_of

clock = time.monotonic


@dataclass
class FakePace:
    """Gives ``most`` moments at a time, the first of them in ``wait`` seconds, each of them once."""

    interval: float = 0.01
    tolerance: float = 5.0
    most: int = 100
    wait: float = 0.0
    given: list[float] = field(default_factory=list)
    wanted: list[int] = field(default_factory=list)

    async def take(self, wanted: int) -> Permit | float:
        self.wanted.append(wanted)
        now = clock()
        first = max(now + self.wait, self.given[-1] + self.interval if self.given else now)
        count = min(wanted, self.most)
        self.given += [first + number * self.interval for number in range(count)]
        return Permit(first, self.interval, count, self.tolerance)


class NoPace:
    def __init__(self) -> None:
        self.asked = 0

    async def take(self, wanted: int) -> Permit | float:
        self.asked += 1
        raise PaceUnknown("nobody there")


class TimedGateway(FakeGateway):
    """Knows when it was called. Each call takes ``seconds``."""

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__(self._take)
        self.seconds = seconds
        self.called: list[float] = []

    async def _take(self, _: Envelope) -> Outcome:
        self.called.append(clock())
        await asyncio.sleep(self.seconds)
        return Accepted()


@dataclass
class TimedQueue(MemoryQueue):
    offered_at: list[float] = field(default_factory=list)

    async def offer(self, lease: Lease, size: int) -> Offer | None:
        self.offered_at.append(clock())
        return await super().offer(lease, size)


def paced(queue: MemoryQueue, gateway: FakeGateway, pace: object, **changes: object) -> PacedLane:
    lane = lane_of(queue, gateway, **({"clock": clock} | changes))
    return PacedLane(pace=pace, **{each.name: getattr(lane, each.name) for each in fields(lane)})  # type: ignore[arg-type]


async def run(*lanes: object, seconds: float = 5.0, stopping: object = lambda: False) -> bool:
    async with asyncio.timeout(20):
        return await Pump(lanes, seconds=seconds, stopping=stopping).run()  # type: ignore[arg-type]


async def test_each_message_leaves_at_a_moment_of_its_own():
    queue, gateway, pace = TimedQueue(size=12), TimedGateway(), FakePace()
    await run(paced(queue, gateway, pace))
    assert sorted(gateway.sent) == list(range(1, 13))
    assert all(called >= moment for called, moment in zip(gateway.called, pace.given, strict=False))
    assert queue.released == [0.0]


async def test_a_slice_is_offered_once_its_first_moment_has_come():
    queue, pace = TimedQueue(size=4), FakePace(wait=0.2)
    await run(paced(queue, FakeGateway(), pace))
    assert queue.offered_at[0] >= pace.given[0]


async def test_it_asks_for_a_slice_at_most():
    pace = FakePace()
    await run(paced(MemoryQueue(size=3, careful=True), FakeGateway(), pace))
    assert pace.wanted == [1, 1, 1]


async def test_what_was_not_sent_in_its_time_is_not_sent_and_comes_back():
    queue, gateway = MemoryQueue(size=8), TimedGateway(seconds=0.1)
    pace = FakePace(interval=0.001, tolerance=0.05)
    await run(paced(queue, gateway, pace, connections=2), seconds=5.0)
    assert queue.released == [0.0]
    assert 0 < len(gateway.sent) < 8
    assert queue.accepted == gateway.sent
    ends = [moment + pace.tolerance for moment in pace.given]
    assert all(any(called <= end for end in ends) for called in gateway.called)


async def test_slices_shrink_to_what_can_be_sent_in_time():
    class Tiring(TimedGateway):
        async def _take(self, envelope: Envelope) -> Outcome:
            self.seconds = 0.1 if len(self.called) > 30 else 0.0
            return await super()._take(envelope)

    queue = MemoryQueue(size=400)
    await run(paced(queue, Tiring(), FakePace(interval=0.001, tolerance=0.05), connections=2))
    sizes = [len(ids) for ids in queue.offered]
    assert max(sizes) > 8  # while it was quick
    assert sizes[-1] <= 4


async def test_moments_that_one_batch_does_not_use_are_for_the_next():
    class Short(MemoryQueue):
        async def offer(self, lease: Lease, size: int) -> Offer | None:
            self.offered.append([1])
            offer = await super().offer(lease, 1)
            return Offer(offer.messages, 0.0, 3600.0, more=False) if offer else None

    queue, gateway, pace = Short(size=1, claims=4), TimedGateway(), FakePace()
    await run(paced(queue, gateway, pace))
    assert len(gateway.sent) == 4
    assert len(pace.given) == 4  # one permit


async def test_while_the_pace_is_unknown_nothing_is_sent_and_no_other_gateway_waits():
    queue, gateway, pace = MemoryQueue(size=5, claims=2), FakeGateway(), NoPace()
    others, other = MemoryQueue(size=50), FakeGateway()
    assert await run(paced(queue, gateway, pace), lane_of(others, other)) is False
    assert (queue.offered, gateway.sent, queue.released) == ([], [], [0.0])
    assert pace.asked == 1
    assert len(other.sent) == 50


async def test_it_asks_again_when_it_was_told_to():
    class Full(FakePace):
        async def take(self, wanted: int) -> Permit | float:
            permit = await super().take(wanted)
            return permit if len(self.wanted) > 1 else 0.5

    queue, pace = TimedQueue(size=4), Full()
    began = clock()
    await run(paced(queue, FakeGateway(), pace))
    assert pace.wanted == [4, 4]
    assert queue.offered_at[0] >= began + 0.5


async def test_the_end_of_the_turn_is_not_put_off_by_moments_to_come():
    queue, pace = MemoryQueue(size=5), FakePace(wait=100)
    began = clock()
    assert await run(paced(queue, FakeGateway(), pace), seconds=0.2) is True
    assert clock() - began < 5
    assert (queue.offered, queue.released) == ([], [0.0])


async def test_a_stopped_worker_sends_nothing_of_what_waits_for_its_moment():
    queue, gateway = MemoryQueue(size=4), TimedGateway()
    await run(paced(queue, gateway, FakePace(interval=0.5)), stopping=lambda: bool(gateway.sent))
    assert len(gateway.sent) == 1
    assert queue.verdicts == []


async def test_a_way_to_the_pace_that_is_longer_than_the_tolerance_gives_nothing():
    pace, end = FakePace(interval=0.0, tolerance=-0.01), clock() + 0.35
    assert await Moments(pace, clock, lambda: clock() > end).take(5) == []
    assert 2 <= len(pace.wanted) <= 5
