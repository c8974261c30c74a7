"""kill -9 of pumps and of whole workers, at random moments and at named points of their work."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from soroka.domain.message import Reason
from soroka.prove.points import Point
from soroka.prove.proof import Hostile, Proof, Sent
from soroka.prove.record import Call
from soroka.prove.stack import WORKER
from soroka.prove.tally import Ledger, Promise, doubts_end, offered_once, repeats_explained, worn_out
from soroka.prove.verdict import Findings, Judge, Row
from soroka.prove.waiting import TooLong, until

#: Seconds that are let pass before a kill, about, and from one to the next; the messages have to last for them all.
_BETWEEN, _A_KILL = 0.7, 2.5
#: Seconds in which PostgreSQL must have noticed that a process is dead.
_NOTICED = 10.0
#: Tries of a message: once two crashes in a row have met its batch, each further one with it on offer costs it a try.
_TRIES = 5
#: How often a pump passes a point before it dies there, at most.
_PASSES = {
    Point.AFTER_CLAIM: 2, Point.AFTER_OFFER: 4, Point.IN_SLICE: 40, Point.AFTER_REPLY: 4, Point.DURING_SETTLE: 4,
}  # fmt: skip


class Kill(NamedTuple):
    """point: where; None for a random moment.  whole: the worker with all its processes, else one pump's process."""

    point: Point | None
    passes: int
    whole: bool


def kills(lots: random.Random, count: int) -> list[Kill]:
    """Every point and the random moment in turn, in a random order; every third ends the whole worker."""
    places = [None, *Point]
    chosen = [places[number % len(places)] for number in range(count)]
    whole = [number % 3 == 2 for number in range(count)]  # noqa: PLR2004
    lots.shuffle(chosen)
    lots.shuffle(whole)
    return [
        Kill(point, lots.randint(1, _PASSES[point]) if point else 0, end)
        for point, end in zip(chosen, whole, strict=True)
    ]


async def kill_workers(proof: Proof) -> list[Findings]:
    """One series of kills over two mailings: at a gateway that knows a repeat by its id, and at one that does not."""
    size, lots = proof.scaled(50_000, 600), proof.lots("workers")
    plan = kills(lots, proof.scaled(100, 6))
    connections = min(100, max(16, size // 500))
    known = await proof.gateway("knows-repeats", connections=connections)
    unknown = await proof.gateway("knows-none", idempotent=False, connections=connections)
    mailings = [await proof.mailing(size, gateway) for gateway in (known, unknown)]
    unsettled: list[set[int]] = []
    fired = 0
    for number, kill in enumerate(plan):
        for mailing in mailings:
            await _slow_down(proof, mailing, (len(plan) - number) * _A_KILL)
        if not await proof.open(*mailings):
            break
        pump = await _kill(proof, kill, lots, [known, unknown])
        fired += 1
        unsettled.append(await _unsettled(proof, None if kill.whole else pump))
        if kill.whole:
            await proof.stack.ended(WORKER)
            await proof.stack.again(WORKER)
    for gateway in (known, unknown):
        await gateway.simulator.behave(latency=0.01)
    await proof.finished(*mailings)
    seen = [Promise("every kill was done", fired == len(plan), f"{fired} of {len(plan)}")]
    return [
        Findings("workers, repeats known", mailings[:1], seen=seen, judge=_repeats_few(unsettled)),
        Findings("workers, no repeats", mailings[1:], {Reason.UNKNOWN}, seen, _doubts_instead(unsettled)),
    ]


async def _slow_down(proof: Proof, mailing: Sent, seconds: float) -> None:
    """Make the gateway so slow that what is left lasts for so long."""
    left = await proof.open(mailing)
    latency = min(max(mailing.gateway.connections * seconds / max(left, 1), 0.01), 2.0)
    await mailing.gateway.simulator.behave(latency=latency, jitter=latency / 4)


async def _unsettled(proof: Proof, dead: int | None) -> set[int]:
    """What was offered and not settled at a kill. dead: the process; None: the whole worker.

    An offer that the dead had sent may be written until its sessions have ended.
    """
    at_once = await proof.books.unsettled()

    async def gone() -> bool:
        return not await proof.books.sessions(dead)

    await until(gone, _NOTICED, "the sessions of the dead have ended", look=0.01)
    return at_once | await proof.books.unsettled()


async def _kill(proof: Proof, kill: Kill, lots: random.Random, gateways: list[Hostile]) -> int:
    """Do one kill; a point that nobody reaches in time is left for a random moment. Returns the pump's process id."""
    await _sending_again(proof, gateways)
    await asyncio.sleep(lots.uniform(0.0, 2 * _BETWEEN))
    points = proof.stack.points
    if kill.point:
        points.arm(kill.point, kill.passes, whole=kill.whole)

        async def done() -> bool:
            return not points.armed

        try:
            await until(done, 8, f"a pump dies {kill.point.words}", look=0.01)
        except TooLong:
            points.disarm()
        else:
            return points.fallen
    return await _kill_now(proof, lots, whole=kill.whole)


async def _kill_now(proof: Proof, lots: random.Random, *, whole: bool) -> int:
    await asyncio.sleep(lots.uniform(0.1, 1.0))
    pumps: list[int] = []

    async def at_work() -> bool:
        pumps[:] = proof.stack.points.pumps()
        return bool(pumps)

    await until(at_work, 20, "a pump is at work")
    pump = lots.choice(pumps)
    with suppress(ProcessLookupError):
        if whole:
            os.killpg(proof.stack.pid(WORKER), signal.SIGKILL)
        else:
            os.kill(pump, signal.SIGKILL)
    return pump


async def _sending_again(proof: Proof, gateways: list[Hostile]) -> None:
    since = time.time()

    async def called() -> bool:
        lasts = [calls[-1].at for gateway in gateways if (calls := gateway.simulator.calls())]
        return max(lasts, default=0.0) > since

    await until(called, 30, "sending goes on after a kill")


def _repeats_few(unsettled: list[set[int]]) -> Judge:
    def judge(ledger: Ledger, calls: Sequence[Call]) -> list[Promise]:
        ours = list(_within(ledger, unsettled))
        return [repeats_explained(calls, ours), worn_out(ledger, ours, _TRIES)]

    return judge


def _doubts_instead(unsettled: list[set[int]]) -> Judge:
    def judge(ledger: Ledger, calls: Sequence[Call]) -> list[Promise]:
        return [offered_once(calls), doubts_end(ledger, calls, list(_within(ledger, unsettled)))]

    return judge


def _within(ledger: Ledger, unsettled: list[set[int]]) -> Iterator[set[int]]:
    return (ids & ledger.keys() for ids in unsettled)


ROWS = (Row("workers", "kill -9 of pumps and whole workers, at random moments and named points", kill_workers),)
