"""A pump that stands still for longer than its lease, and wakes up when others have its batches."""

import asyncio
import os
import random
import signal
from contextlib import suppress

from soroka.domain.message import Reason
from soroka.prove.proof import Proof
from soroka.prove.rows.stores import finish, slow_mailing
from soroka.prove.tally import doubts_end, offered_once, repeats_explained
from soroka.prove.verdict import Findings, Row
from soroka.prove.waiting import until

#: Seconds beyond the lease: a tick brings the batches back, and another pump takes them.
_TAKEN_OVER = 4.0
#: Seconds in which PostgreSQL has written what the pump had sent before it stood still.
_ON_ITS_WAY = 0.3


async def frozen(proof: Proof) -> list[Findings]:
    """SIGSTOP to a pump in the middle of two mailings, and SIGCONT when its leases are long over."""
    size = proof.scaled(5_000, 400)
    known = await proof.gateway("frozen-knows", connections=20)
    unknown = await proof.gateway("frozen-knows-none", idempotent=False, connections=20)
    mailings = [await slow_mailing(proof, size, gateway, seconds=16) for gateway in (known, unknown)]
    unsettled: list[set[int]] = []
    lots = proof.lots("frozen")
    for _ in range(proof.scaled(5, 2)):
        if await proof.open(*mailings):
            unsettled.append(await _freeze(proof, lots))
    await finish(proof, *mailings)
    return [
        Findings(
            "worker frozen, repeats known", mailings[:1],
            judge=lambda ledger, calls: [repeats_explained(calls, [ids & ledger.keys() for ids in unsettled])],
        ),
        Findings(
            "worker frozen, no repeats", mailings[1:], {Reason.UNKNOWN},
            judge=lambda ledger, calls: [offered_once(calls), doubts_end(ledger, calls, unsettled)],
        ),
    ]  # fmt: skip


async def _freeze(proof: Proof, lots: random.Random) -> set[int]:
    """Let one pump stand still; returns what was unsettled then."""
    pumps: list[int] = []

    async def at_work() -> bool:
        pumps[:] = proof.stack.points.pumps()
        return bool(pumps) and bool(await proof.books.unsettled())

    await until(at_work, 20, "a pump is at work")
    pump = lots.choice(pumps)
    with suppress(ProcessLookupError):
        os.kill(pump, signal.SIGSTOP)
    try:
        unsettled = await proof.books.unsettled()
        await asyncio.sleep(_ON_ITS_WAY)
        unsettled |= await proof.books.unsettled()
        await asyncio.sleep(proof.stack.lease + _TAKEN_OVER)
    finally:
        with suppress(ProcessLookupError):
            os.kill(pump, signal.SIGCONT)
    return unsettled


ROWS = (Row("worker frozen", "a pump stands still for longer than its lease and wakes up again", frozen),)
