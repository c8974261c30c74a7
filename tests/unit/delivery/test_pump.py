import asyncio
from collections.abc import Callable, Sequence

import pytest

from soroka.delivery import pump as pump_module
from soroka.delivery.breaker import Breaker
from soroka.delivery.ports import BatchFault, Lease, Offer
from soroka.delivery.pump import Pump
from soroka.domain.message import Reason, Status
from soroka.domain.outcome import Accepted, Deferred, Envelope, Outcome, Rejected, Unknown
from soroka.domain.verdict import Policy
from tests.unit.delivery.doubles import FakeClock, FakeGateway, MemoryQueue, always, lane_of


async def run(*lanes: object, seconds: float = 5.0, stopping: object = lambda: False) -> bool:
    async with asyncio.timeout(20):
        return await Pump(lanes, seconds=seconds, stopping=stopping).run()  # type: ignore[arg-type]


async def test_it_offers_every_message_once_settles_it_and_gives_the_batch_back():
    queue, gateway = MemoryQueue(size=10), FakeGateway()
    assert await run(lane_of(queue, gateway)) is False
    assert sorted(gateway.sent) == list(range(1, 11))
    assert (sorted(queue.accepted), queue.verdicts) == (list(range(1, 11)), [])
    assert queue.released == [0.0]


async def test_slices_begin_with_a_message_for_each_connection():
    queue = MemoryQueue(size=10)
    await run(lane_of(queue, FakeGateway(), connections=3))
    assert queue.offered[0] == [1, 2, 3]


async def test_a_gateway_that_was_left_alone_gets_one_message_at_first_and_twice_as_many_each_time():
    queue = MemoryQueue(size=10)
    await run(lane_of(queue, FakeGateway(), connections=4, ramp=True))
    assert [len(ids) for ids in queue.offered][:3] == [1, 2, 4]


def taking(seconds: float, clock: FakeClock, outcome: Callable[[int], Outcome] = lambda _: Accepted()) -> FakeGateway:
    async def answer(envelope: Envelope) -> Outcome:
        clock.now += seconds
        return outcome(envelope.id)

    return FakeGateway(answer)


async def test_a_batch_goes_back_when_its_turn_is_over_for_others_to_have_theirs():
    clock, queue = FakeClock(), MemoryQueue(size=12)
    await run(lane_of(queue, taking(0.3, clock), clock=clock))
    assert queue.offered == [[1, 2, 3, 4]]
    assert (queue.released, queue.cuts) == ([0.0], [False])


@pytest.mark.parametrize(("ramp", "sizes"), [(False, [4, 4, 4]), (True, [1, 2, 4])])
async def test_a_gateway_that_takes_seconds_gets_a_message_for_each_connection(ramp: bool, sizes: list[int]):
    clock, queue = FakeClock(), MemoryQueue(size=12, claims=3)

    async def answer(_: Envelope) -> Outcome:
        await asyncio.sleep(0)  # all connections take theirs before the first answer comes
        clock.now += 5
        return Accepted()

    await run(lane_of(queue, FakeGateway(answer), clock=clock, lease_seconds=600.0, ramp=ramp))
    assert [len(ids) for ids in queue.offered] == sizes


async def test_what_waits_only_for_its_turn_does_not_wait_with_what_failed():
    def outcome(message_id: int) -> Outcome:
        return Deferred("503") if message_id == 2 else Accepted()

    clock, queue = FakeClock(), MemoryQueue(size=12)
    await run(lane_of(queue, taking(0.3, clock, outcome), clock=clock))
    assert queue.released[0] > 0
    assert queue.cuts == [True]


async def test_a_batch_that_is_through_is_not_cut():
    queue = MemoryQueue(size=4)
    await run(lane_of(queue, FakeGateway(always(Deferred("503")))))
    assert queue.cuts == [False]


async def test_a_careful_batch_is_offered_one_by_one():
    queue = MemoryQueue(size=3, careful=True)
    await run(lane_of(queue, FakeGateway()))
    assert queue.offered == [[1], [2], [3]]


@pytest.mark.parametrize(("outcome", "tries"), [(Deferred("503"), 1), (Unknown("timeout"), 1)])
async def test_what_may_be_offered_again_stays_in_process_and_comes_back_after_a_pause(outcome: Outcome, tries: int):
    async def answer(envelope: Envelope) -> Outcome:
        return outcome if envelope.id == 2 else Accepted()

    queue = MemoryQueue(size=4)
    await run(lane_of(queue, FakeGateway(answer), policy=Policy(backoff_base=100.0, backoff_cap=1000.0)))
    (again,) = [verdict for verdict in queue.verdicts if verdict.status is Status.IN_PROCESS]
    assert (again.message_id, again.tries) == (2, tries)
    assert 0 < queue.released[0] <= 200


async def test_outcomes_are_settled_while_others_are_still_awaited():
    settled_first = asyncio.Event()

    async def answer(envelope: Envelope) -> Outcome:
        if envelope.id == 4:
            await settled_first.wait()
        return Accepted()

    class Watched(MemoryQueue):
        async def settle(self, *args: object) -> bool:
            settled_first.set()
            return await super().settle(*args)  # type: ignore[arg-type]

    queue = Watched(size=4)
    await run(lane_of(queue, FakeGateway(answer)))
    assert queue.accepted[-1] == 4
    assert queue.settles == 2


async def test_a_lost_lease_ends_the_batch_without_another_word():
    queue, gateway = MemoryQueue(size=100, lost=True), FakeGateway()
    await run(lane_of(queue, gateway))
    assert len(gateway.sent) == 4
    assert queue.released == []


async def test_nothing_is_sent_so_shortly_before_the_deadline_that_it_could_arrive_late():
    queue, gateway = MemoryQueue(size=4, seconds_left=0.4), FakeGateway()
    await run(lane_of(queue, gateway))
    assert gateway.sent == []
    assert queue.settles == 0
    assert queue.released == [0.0]


async def test_it_stops_in_the_middle_of_a_slice_when_the_deadline_comes():
    clock = FakeClock()

    async def answer(envelope: Envelope) -> Outcome:
        clock.now += 1
        return Accepted()

    queue, gateway = MemoryQueue(size=4, seconds_left=2.6), FakeGateway(answer)
    await run(lane_of(queue, gateway, clock=clock))
    assert gateway.sent == [1, 2, 3]


async def test_nothing_is_sent_once_the_lease_has_run_out_by_our_clock():
    clock = FakeClock()

    async def answer(envelope: Envelope) -> Outcome:
        clock.now += 30  # the process was stopped and wakes up
        return Accepted()

    queue, gateway = MemoryQueue(size=4), FakeGateway(answer)
    await run(lane_of(queue, gateway, clock=clock, connections=1))
    assert gateway.sent == [1]


async def test_a_renewal_keeps_a_slow_batch_and_a_refused_one_ends_it():
    release = asyncio.Event()

    async def answer(envelope: Envelope) -> Outcome:
        await release.wait()
        return Accepted()

    class Renewed(MemoryQueue):
        async def renew(self, leases: object) -> set[int]:
            ours = await super().renew(leases)  # type: ignore[arg-type]
            release.set()
            return ours

    kept, lost = Renewed(size=2), Renewed(size=8)
    await run(lane_of(kept, FakeGateway(answer), lease_seconds=0.9))
    assert (kept.renewals, kept.released) == (1, [0.0])
    release.clear()
    lost.lost = True
    gateway = FakeGateway(answer)
    await run(lane_of(lost, gateway, lease_seconds=0.9, connections=4))
    assert (len(gateway.sent), lost.released) == (4, [])


async def test_lateness_counts_from_the_due_moment_to_the_sending():
    clock = FakeClock()
    queue = MemoryQueue(size=2, late=1.5)
    await run(lane_of(queue, FakeGateway(), clock=clock))
    assert queue.lateness == [1.5, 1.5]
    again = MemoryQueue(size=2, late=1.5, first=False)
    await run(lane_of(again, FakeGateway(), clock=clock))
    assert again.lateness == []


async def test_it_waits_for_what_is_about_to_be_due():
    queue = MemoryQueue(size=2, claims=0, due_in=0.05)

    class Later(MemoryQueue):
        async def next_due(self) -> float | None:
            self.claims, wait = 1 if self.due_in else self.claims, await super().next_due()
            return wait

    queue = Later(size=2, claims=0, due_in=0.05)
    await run(lane_of(queue, gateway := FakeGateway()))
    assert gateway.sent == [1, 2]


async def test_its_time_ends_with_calls_in_flight_answered_and_nothing_new_begun():
    async def answer(envelope: Envelope) -> Outcome:
        await asyncio.sleep(0.3)
        return Accepted()

    queue, gateway = MemoryQueue(size=1000), FakeGateway(answer)
    assert await run(lane_of(queue, gateway), seconds=0.1) is True
    assert sorted(queue.accepted) == sorted(gateway.sent)
    assert len(gateway.sent) <= 8
    assert queue.released == [0.0]


async def test_a_worker_that_is_told_to_stop_offers_nothing():
    queue = MemoryQueue(size=8)
    assert await run(lane_of(queue, FakeGateway()), stopping=lambda: True) is False
    assert queue.offered == []


async def test_a_stop_gives_up_what_waits_behind_calls_that_hang(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pump_module, "GRACE", 0.1)

    async def hang(envelope: Envelope) -> Outcome:
        await asyncio.Event().wait()
        return Accepted()

    told = iter([False, False, False])
    queue, gateway = MemoryQueue(size=4, claims=2), FakeGateway(hang)
    await run(lane_of(queue, gateway, connections=4), stopping=lambda: next(told, True))
    assert len(gateway.sent) == 4
    assert {verdict.reason for verdict in queue.verdicts} == {Reason.UNKNOWN}
    assert len(queue.verdicts) == 4
    assert len(queue.released) == 2


async def test_an_error_of_the_database_ends_the_pump_with_nothing_left_running():
    class Broken(MemoryQueue):
        async def settle(self, *_: object) -> bool:
            raise ConnectionError("the database is gone")

    before = asyncio.all_tasks()
    with pytest.raises(ExceptionGroup) as caught:
        await run(lane_of(Broken(), FakeGateway()))
    assert caught.group_contains(ConnectionError)
    assert asyncio.all_tasks() == before


async def test_a_failing_gateway_is_left_alone_and_its_messages_lose_no_try():
    queue, gateway = MemoryQueue(size=1000), FakeGateway(always(Deferred("connection refused")))
    await run(lane_of(queue, gateway, breaker=Breaker(0, 1.0, works=True), connections=16))
    assert len(gateway.sent) < 50
    assert queue.pauses == [(1.0, "connection refused", False)]
    assert {verdict.tries for verdict in queue.verdicts if verdict.message_id > 16} <= {0}


async def test_a_gateway_in_trouble_is_probed_with_single_messages():
    queue, gateway = MemoryQueue(size=1000), FakeGateway(always(Deferred("connection refused")))
    await run(lane_of(queue, gateway, breaker=Breaker(3, 1.0, works=True), connections=16))
    assert gateway.sent == [1, 2, 3, 4, 5]
    assert queue.offered == [[1], [2], [3], [4], [5]]
    assert queue.pauses == [(8.0, "connection refused", False)]
    assert {verdict.tries for verdict in queue.verdicts} == {0}
    assert queue.released[0] > 8.0  # the next probe is another batch's


async def test_an_answered_probe_brings_it_back_to_full_size():
    queue, gateway = MemoryQueue(size=100), FakeGateway()
    await run(lane_of(queue, gateway, breaker=Breaker(3, 1.0, works=True)))
    assert queue.recoveries == 1
    assert len(gateway.sent) == 100
    assert queue.offered[0] == [1]
    assert len(queue.offered[1]) > 1


async def test_one_gateway_that_hangs_does_not_keep_another_waiting():
    async def hang(envelope: Envelope) -> Outcome:
        await asyncio.sleep(0.5)
        return Unknown("timeout")

    slow, fast = MemoryQueue(size=4), MemoryQueue(size=500)
    quick = FakeGateway()
    await run(lane_of(slow, FakeGateway(hang)), lane_of(fast, quick))
    assert len(quick.sent) == 500
    assert len(fast.released) == 1


async def test_a_refused_message_is_final():
    queue = MemoryQueue(size=1)
    await run(lane_of(queue, FakeGateway(always(Rejected("bad number")))))
    (verdict,) = queue.verdicts
    assert (verdict.status, verdict.reason, verdict.detail) == (Status.NOT_SENT, Reason.REJECTED, "bad number")


async def test_a_batch_that_the_database_refuses_is_put_off_and_the_others_go_on():
    class Refusing(MemoryQueue):
        async def offer(self, lease: Lease, size: int) -> Offer | None:
            if lease.batch_id == 1:
                raise BatchFault
            return await super().offer(lease, size)

    queue, gateway = Refusing(size=4, claims=2), FakeGateway()
    await run(lane_of(queue, gateway))
    assert sorted(gateway.sent) == [1, 2, 3, 4]
    assert sorted(queue.released) == [0.0, 60.0]


async def test_a_batch_that_cannot_be_given_back_stops_nothing_else():
    class Broken(MemoryQueue):
        async def release(self, *args: object, **kwargs: object) -> None:
            raise BatchFault

    queue, other = Broken(size=4), MemoryQueue(size=4)
    await run(lane_of(queue, FakeGateway()), lane_of(other, FakeGateway()))
    assert (len(queue.accepted), len(other.accepted), other.released) == (4, 4, [0.0])


async def test_a_batch_that_cannot_be_settled_is_left_to_run_out():
    class Refusing(MemoryQueue):
        async def settle(self, *_: object) -> bool:
            raise BatchFault

    queue, gateway = Refusing(size=8), FakeGateway()
    await run(lane_of(queue, gateway))
    assert len(gateway.sent) == 4
    assert queue.released == []


async def test_it_stops_also_while_the_database_is_slow(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pump_module, "GRACE", 0.05)

    class Slow(MemoryQueue):
        async def offer(self, lease: Lease, size: int) -> Offer | None:
            await asyncio.sleep(0.6)
            return await super().offer(lease, size)

    told = iter([False, False])
    queue, gateway = Slow(size=4), FakeGateway()
    await run(lane_of(queue, gateway), stopping=lambda: next(told, True))
    assert gateway.sent == []
    assert queue.released == [0.0]


async def test_a_gateway_that_hangs_beyond_the_end_of_the_turn_leaves_the_others_at_work():
    hanging, begun_late = asyncio.Event(), []

    async def hang(envelope: Envelope) -> Outcome:
        await asyncio.sleep(1.0)
        hanging.set()
        return Unknown("timeout")

    async def quick(envelope: Envelope) -> Outcome:
        await asyncio.sleep(0.001)
        if asyncio.get_running_loop().time() > turn_ends + 0.3 and not hanging.is_set():
            begun_late.append(envelope.id)
        return Accepted()

    turn_ends = asyncio.get_running_loop().time() + 0.2
    endless = MemoryQueue(size=100, claims=10**6)
    slow = lane_of(MemoryQueue(size=4), FakeGateway(hang))
    assert await run(slow, lane_of(endless, FakeGateway(quick)), seconds=0.2) is True
    assert begun_late


async def test_slices_that_wait_for_their_last_answer_do_not_keep_connections_idle():
    release = asyncio.Event()

    async def answer(envelope: Envelope) -> Outcome:
        if envelope.id == 1:
            await release.wait()
        return Accepted()

    class Watched(MemoryQueue):
        async def claim(self, room: int) -> Sequence[Lease]:
            if not self.claims:
                release.set()
            return await super().claim(room)

    queue, gateway = Watched(size=4, claims=6), FakeGateway(answer)
    await run(lane_of(queue, gateway, connections=16))
    assert len(queue.released) == 6


async def test_it_tells_the_others_that_a_gateway_answered():
    answering, silent = MemoryQueue(size=2), MemoryQueue(size=2)
    await run(lane_of(answering, FakeGateway()), lane_of(silent, FakeGateway(always(Unknown("500")))))
    assert (answering.answers, silent.answers) == (1, 0)


async def test_a_gateway_that_nobody_has_seen_working_is_left_alone_after_a_single_failure():
    queue, gateway = MemoryQueue(size=1), FakeGateway(always(Unknown("500")))
    await run(lane_of(queue, gateway, breaker=Breaker(0, 1.0, works=False)))
    assert queue.pauses == [(1.0, "500", False)]
    assert [verdict.tries for verdict in queue.verdicts] == [0]
