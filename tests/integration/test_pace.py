"""The pace in a real Valkey: what it hands out, and what happens when it forgets, is away or comes back."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from soroka.delivery.ports import PaceUnknown, Permit
from soroka.dispatch.pace import AHEAD, ValkeyPace
from soroka.domain.pace import Limit
from tests.seconds import most_in_a_second
from tests.valkey import OwnValkey

LIMIT = Limit(rate=100, burst=50)
clock = partial(time.clock_gettime, time.CLOCK_BOOTTIME)


@pytest.fixture
def valkey() -> Iterator[OwnValkey]:
    server = OwnValkey()
    yield server
    server.remove()


@pytest.fixture
async def pace(valkey: OwnValkey) -> AsyncIterator[Callable[..., ValkeyPace]]:
    """``pace(limit, key=...)``, each over a connection of its own."""
    clients: list[Redis] = []

    def connect(limit: Limit = LIMIT, key: str = "pace", **options: object) -> ValkeyPace:
        values = {"socket_timeout": 1, "retry": Retry(NoBackoff(), 1)} | options
        clients.append(Redis.from_url(valkey.url, **values))
        return ValkeyPace(clients[-1], key, limit, clock)

    yield connect
    for client in clients:
        await client.aclose()


def moments(permit: Permit) -> list[float]:
    return [permit.first + number * permit.interval for number in range(permit.count)]


async def reserve(pace: ValkeyPace, wanted: int) -> Permit:
    """The next permit, however long it takes."""
    async with asyncio.timeout(20):
        while True:
            answer = await pace.take(wanted)
            if isinstance(answer, Permit):
                return answer
            await asyncio.sleep(answer)


async def all_within(pace: ValkeyPace, seconds: float, wanted: int = 20) -> list[float]:
    """All moments that are handed out meanwhile."""
    found: list[float] = []
    end = clock() + seconds
    while clock() < end:
        answer = await pace.take(wanted)
        if isinstance(answer, float):
            await asyncio.sleep(answer)
        else:
            found += moments(answer)
    return found


async def test_moments_follow_each_other_at_the_rate_whoever_takes_them(pace):
    takers = [pace() for _ in range(8)]
    found = sorted(moment for each in await asyncio.gather(*(all_within(one, 1) for one in takers)) for moment in each)
    # The way to Valkey makes a moment late for one and not for another: two may come closer by it.
    spread = found[-1] - found[0]
    assert len(found) == pytest.approx(spread / LIMIT.interval, rel=0.03)
    assert len(found) > 50


async def test_an_empty_valkey_gives_no_burst(pace):
    began = clock()
    first = await pace().take(100)
    assert isinstance(first, float)
    permit = await reserve(pace(), 100)
    assert permit.first >= began + AHEAD
    assert permit.count <= AHEAD / LIMIT.interval + 1


async def test_what_nobody_used_is_lost_but_for_what_may_still_be_sent(pace):
    one = pace(Limit(1000, 200))  # reach 0.2, tolerance 0.1, behind 0.05
    await reserve(one, 1)
    await asyncio.sleep(1)
    asked = clock()
    permit = await one.take(100_000)
    assert isinstance(permit, Permit)
    assert asked - 0.06 <= permit.first <= clock() - 0.04
    assert permit.count <= (AHEAD + 0.05) * 1000 + 2


async def test_no_more_than_half_a_second_is_reserved_ahead(pace):
    one = pace()
    for _ in range(5):
        permit = await reserve(one, 1000)
        assert moments(permit)[-1] <= clock() + AHEAD + 0.02


async def test_a_single_message_need_not_wait_for_a_crowd(pace):
    one = pace()
    await reserve(one, 1)
    await asyncio.sleep(0.05)
    assert isinstance(await one.take(1), Permit)


async def test_a_slow_gateway_is_called_once_in_an_interval(pace):
    one = pace(Limit(1, 1))
    first, second = await reserve(one, 5), await reserve(one, 5)
    assert (first.count, second.count) == (1, 1)
    assert second.first - first.first == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("loss", ["flush", "kill", "kill and empty"])
async def test_no_burst_after_a_loss(pace, valkey, loss):
    one = pace()
    before = await all_within(one, 1)
    if loss != "flush":
        valkey.kill()
        valkey.start()
    if loss != "kill":
        await Redis.from_url(valkey.url).flushall()
    after = await all_within(one, 1)
    assert min(after) > max(before)
    assert most_in_a_second(before + after) <= LIMIT.rate + 2  # the way to Valkey moves them by a little


async def test_what_another_run_of_the_server_wrote_may_be_out_of_date(pace, valkey):
    one = pace()
    await reserve(one, 1)
    second_ago = str(int((time.time() - 1) * 1e6))  # as if the last second had not been written to the disk
    await Redis.from_url(valkey.url).hset("pace", mapping={"next": second_ago, "run": "another"})
    began = clock()
    assert (await reserve(one, 1)).first >= began + AHEAD


async def test_a_clock_that_was_set_back_stops_nothing(pace, valkey):
    one = pace()
    await reserve(one, 1)
    await Redis.from_url(valkey.url).hset("pace", "next", str(int((time.time() + 3600) * 1e6)))
    began = clock()
    assert (await reserve(one, 1)).first < began + AHEAD + 1


async def test_a_changed_rate_counts_from_then_on(pace):
    assert await pace(Limit(0.1, 1)).take(1) == pytest.approx(10)
    began = clock()
    fast = pace(Limit(200, 50))
    assert (await reserve(fast, 1)).first < began + AHEAD + 0.1
    found = await all_within(fast, 0.5)
    assert (len(found) - 1) / (found[-1] - found[0]) == pytest.approx(200, rel=0.05)


async def test_each_gateway_has_a_pace_of_its_own(pace):
    for _ in range(3):
        await reserve(pace(), 50)
    assert await pace(key="other").take(1) == pytest.approx(LIMIT.interval, abs=0.001)


async def test_it_says_so_where_valkey_is_away_and_goes_on_when_it_is_back(pace, valkey):
    one = pace()
    await reserve(one, 1)
    valkey.kill()
    with pytest.raises(PaceUnknown, match="ConnectionError at REDIS_URL"):
        await one.take(1)
    valkey.start()
    assert isinstance(await reserve(one, 1), Permit)


async def test_a_valkey_that_does_not_answer_is_not_waited_for(pace, valkey):
    one = pace(socket_timeout=0.1)
    await reserve(one, 1)
    valkey.process.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(PaceUnknown):
            await one.take(1)
    finally:
        valkey.process.send_signal(signal.SIGCONT)


async def test_a_slow_way_makes_moments_late_and_their_time_short(pace, monkeypatch):
    one = pace(Limit(10, 10))
    quick = await reserve(one, 1)
    script = one._take

    async def slow(*args: object, **options: object) -> object:
        answer = await script(*args, **options)
        await asyncio.sleep(0.05)
        return answer

    monkeypatch.setattr(one, "_take", slow)
    late = await reserve(one, 1)
    assert quick.tolerance - late.tolerance >= 0.04
    assert late.first >= quick.first + 0.1 + 0.04
