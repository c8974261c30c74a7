"""A gateway's pace holds over all pumps while workers are killed and Valkey is emptied."""

import asyncio
from collections.abc import Sequence

import redis.asyncio

from soroka.prove.proof import Proof
from soroka.prove.record import Call
from soroka.prove.stack import WORKER
from soroka.prove.tally import at_most
from soroka.prove.verdict import Findings, Row

_RATE, _BURST = 100, 50


async def pace(proof: Proof) -> Findings:
    """A limit of so many messages a second; in the middle the worker is killed and Valkey loses everything."""
    gateway = await proof.gateway("pace", connections=100)
    await proof.at_desk(proof.desk.set_pace, gateway.id, _RATE, _BURST)
    mailing = await proof.mailing(proof.scaled(5_000, 1_200), gateway)
    await proof.progress(mailing, 0.2)
    async with redis.asyncio.Redis.from_url(proof.stack.valkey.url) as valkey:
        for _ in range(2):
            await valkey.flushall()
            await asyncio.sleep(1.0)
    await proof.progress(mailing, 0.5, within=120)
    await proof.stack.kill(WORKER)
    await proof.stack.again(WORKER)
    await proof.finished(mailing)
    return Findings(
        "pace",
        [mailing],
        judge=lambda _, calls: [
            at_most(most_in_a_second(calls), _RATE + _BURST, "calls in any second: rate and burst")
        ],
    )


def most_in_a_second(calls: Sequence[Call]) -> int:
    """The most calls that arrived within one second."""
    moments = sorted(call.at for call in calls)
    most = first = 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


ROWS = (Row("pace", "a worker is killed and Valkey emptied while a gateway's pace is kept", pace),)
