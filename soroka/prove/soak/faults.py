"""The faults of a soak: what is restarted comes in its first third, what nobody restarts for all along."""

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle
from typing import Any, NamedTuple

import redis.asyncio

from soroka.prove.books import NAME, Books
from soroka.prove.simulator import Simulator
from soroka.prove.soak.accounts import Accounts
from soroka.prove.stack import WORKER, Stack
from soroka.prove.waiting import until

#: So many in a run, if that leaves them seconds enough between; none in its last tenth.
_COUNT, _LEAST_GAP, _UNTIL = 24, 20.0, 0.9
#: The share of a run in which programs are killed: what is younger than the time that is judged would hide a leak.
KILLS_UNTIL = 1 / 3
#: Seconds for which a fault lasts, at most, and its share of the time to the next.
_LONGEST, _SHARE = 15.0, 0.25
_NOTICED = 10.0
#: Seconds before an answer: well, and as a fault that ends within the timeout of a call.
LATENCY, _SLOW = 0.02, 2.0

_CUT = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
 WHERE datname = current_database() AND backend_type = 'client backend' AND application_name <> %s
"""


class Planned(NamedTuple):
    """at: seconds from the beginning."""

    at: float
    name: str


def schedule(lots: random.Random, seconds: float) -> list[Planned]:
    """The faults of a run of so many seconds: all kills in turn, then all of the others in turn."""
    gap = _gap(seconds)
    kills, others = (cycle(lots.sample(sorted(group), len(group))) for group in (KILLS, OTHERS))
    moments = [gap * (number + lots.uniform(0.3, 0.7)) for number in range(int(_UNTIL * seconds / gap))]
    return [Planned(at, next(kills if at < KILLS_UNTIL * seconds else others)) for at in moments]


def lasting(seconds: float) -> float:
    """Seconds that a fault lasts in a run of so many."""
    return min(_LONGEST, _SHARE * _gap(seconds))


def _gap(seconds: float) -> float:
    return max(_LEAST_GAP, seconds / _COUNT)


@dataclass(frozen=True, slots=True)
class Scene:
    """Where faults are done. lasts: seconds."""

    stack: Stack
    books: Books
    gateway: Simulator
    accounts: Accounts
    lots: random.Random
    lasts: float

    async def do(self, name: str) -> None:
        """Do a fault and wait until it is over. Raises StackError, TooLong or OSError where that does not come."""
        await {**KILLS, **OTHERS}[name](self)

    async def note(self, books: Books | None = None) -> None:
        """What is offered and not settled now is in doubt."""
        self.accounts.unsettled_at_fault(await (books or self.books).unsettled())


async def _pump(scene: Scene) -> None:
    pumps: list[int] = []

    async def at_work() -> bool:
        pumps[:] = scene.stack.points.pumps()
        return bool(pumps)

    await until(at_work, 60, "a pump is at work")
    pump = scene.lots.choice(pumps)
    with suppress(ProcessLookupError):
        os.kill(pump, signal.SIGKILL)
    await _noted_with_the_dead(scene, pump)


async def _worker(scene: Scene) -> None:
    await scene.stack.kill(WORKER)
    await _noted_with_the_dead(scene, None)
    await scene.stack.again(WORKER)


async def _noted_with_the_dead(scene: Scene, process: int | None) -> None:
    """An offer that the dead had sent may be written until their sessions have ended. None: the whole worker."""
    await scene.note()

    async def gone() -> bool:
        return not await scene.books.sessions(process)

    await until(gone, _NOTICED, "the sessions of the dead have ended")
    await scene.note()


async def _postgres(scene: Scene) -> None:
    await scene.stack.kill("postgres")

    async def look(url: str) -> None:
        aside = Books(url)
        await scene.note(aside)
        await aside.close()

    await scene.stack.recovered_postgres(look)
    await scene.stack.again("postgres")


def _away(name: str) -> "Fault":
    """A program is killed and kept away."""

    async def fault(scene: Scene) -> None:
        await scene.stack.kill(name)
        await asyncio.sleep(scene.lasts)
        await scene.stack.again(name)

    return fault


def _gateway(**wish: Any) -> "Fault":
    """The gateway behaves so for a while."""

    async def fault(scene: Scene) -> None:
        await scene.gateway.behave(**{"latency": LATENCY, **wish})
        await asyncio.sleep(scene.lasts)
        await scene.gateway.behave(latency=LATENCY)

    return fault


async def _sessions(scene: Scene) -> None:
    await scene.note()
    await scene.books.rows(_CUT, NAME)
    await scene.note()


async def _clients(scene: Scene) -> None:
    client = redis.asyncio.Redis.from_url(scene.stack.valkey.url)
    await client.client_kill_filter(_type="normal", skipme=True)
    await client.aclose()


Fault = Callable[[Scene], Awaitable[None]]
KILLS: Mapping[str, Fault] = {
    "a pump killed": _pump,
    "the worker killed": _worker,
    "PostgreSQL killed": _postgres,
    "Valkey killed": _away("valkey"),
    "beat killed": _away("beat"),
}
OTHERS: Mapping[str, Fault] = {
    "the gateway answers 503": _gateway(fault={"503": 1.0}),
    "the gateway hangs": _gateway(fault={"hang": 1.0}),
    "the gateway is slow": _gateway(latency=_SLOW),
    "the gateway accepts and breaks off": _gateway(fault={"lose": 1.0}),
    "all sessions of PostgreSQL cut": _sessions,
    "all connections to Valkey cut": _clients,
}


def counted(faults: Sequence[Planned]) -> dict[str, int]:
    """How often each is done."""
    done = [fault.name for fault in faults]
    return {name: done.count(name) for name in (*KILLS, *OTHERS) if name in done}
