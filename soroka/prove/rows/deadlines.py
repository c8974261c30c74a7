"""A mailing's end passes in the middle, and a worker's clock is wrong: only the database's clock counts."""

import ctypes.util
from collections.abc import Sequence
from pathlib import Path

from soroka.domain.message import Reason
from soroka.prove.proof import Proof
from soroka.prove.record import Call
from soroka.prove.stack import WORKER
from soroka.prove.tally import Promise, none_after, none_before, within
from soroka.prove.verdict import ORDERS, Findings, NotRun, Row

#: Seconds by which the clock of a worker is wrong.
WRONG = 300
EXPIRED = {Reason.EXPIRED}
#: From when until when it is sent under a wrong clock, in seconds from now; nothing is begun in the last of them.
_BEGINS, _ENDS, _NOT_USED = 8.0, 23.0, 3.5
_LATENCY = 0.2
#: Where libfaketime lies: Debian's package ``faketime``, or wherever the linker finds it.
_PLACES = ("*/faketime/libfaketimeMT.so.1", "faketime/libfaketimeMT.so.1")


async def slow(proof: Proof) -> Findings:
    """The end passes while a slow gateway is served."""
    ends_in = float(proof.scaled(30, 12))
    gateway = await proof.gateway("deadline slow", connections=20)
    size = proof.scaled(5_000, 400)
    await gateway.simulator.behave(latency=min(gateway.connections * ends_in / size, 2.0))
    mailing = await proof.mailing(size, gateway, ends_in=ends_in)
    await proof.finished(mailing)
    return Findings("deadline slow", [mailing], EXPIRED, judge=lambda _, calls: _in_time(calls, mailing.ends))


async def outage(proof: Proof) -> Findings:
    """The end passes while the gateway is down; then it is back and would take everything."""
    ends_in = float(proof.scaled(30, 12))
    gateway = await proof.gateway("deadline outage", connections=20)
    size = proof.scaled(5_000, 400)
    await gateway.simulator.behave(latency=gateway.connections * ends_in / size)
    mailing = await proof.mailing(size, gateway, ends_in=ends_in)
    await proof.progress(mailing, 0.1)
    await gateway.simulator.behave(fault={"503": 1.0})
    await proof.passed(mailing.ends)
    await gateway.simulator.behave()
    await proof.finished(mailing)
    return Findings("deadline outage", [mailing], EXPIRED, judge=lambda _, calls: _in_time(calls, mailing.ends))


def _in_time(calls: Sequence[Call], ends: float) -> list[Promise]:
    return [
        none_after(calls, ends, "nothing is called for after the end, by the gateway's clock"),
        Promise("it was being sent until then", bool(calls), f"{len(calls)} calls"),
    ]


async def wrong_clock(proof: Proof) -> Findings:
    """The only worker's clock is five minutes fast, then five minutes slow."""
    library = libfaketime()
    gateway = await proof.gateway("worker's clock", connections=20)
    # A mailing of one batch, which one pump has at a time: it gets its share of the connections.
    possible = int(gateway.connections / proof.stack.pumps * (_ENDS - _BEGINS - _NOT_USED) / _LATENCY)
    mailings, promises = [], []
    for sign, word in ((+1, "fast"), (-1, "slow")):
        await proof.stack.stop(WORKER)
        off = {"LD_PRELOAD": library, "FAKETIME": f"{sign * WRONG:+d}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        await proof.stack.launch(proof.stack.worker(f"worker-{word}", "soroka.prove.wrong_clock", **off))
        await gateway.simulator.behave(latency=_LATENCY)
        await proof.finished(first := await proof.mailing(1, gateway))  # the worker has started
        mailing = await proof.mailing(possible * 3 // 2, gateway, starts_in=_BEGINS, ends_in=_ENDS)
        await proof.finished(mailing)
        calls = mailing.calls(await proof.books.ledger([mailing.id]))
        begun = min((call.at for call in calls), default=None)
        promises += [
            within(begun and begun - mailing.starts, 3.0, f"{word}: it begins when it is due"),
            none_before(calls, mailing.starts, f"{word}: no call before the start"),
            none_after(calls, mailing.ends, f"{word}: no call after the end"),
            Promise(
                f"{word}: a quarter of what could be sent between is sent",
                len(calls) >= possible / 4,
                f"{len(calls)} of {possible}",
                timed=bool(calls),
            ),
        ]
        mailings += [first, mailing]
        await proof.stack.stop(f"worker-{word}")
    await proof.stack.again(WORKER)
    return Findings("worker's clock", mailings, EXPIRED, seen=promises)


def libfaketime() -> str:
    """Where it is. Raises NotRun."""
    found = [str(path) for place in _PLACES for path in Path("/usr/lib").glob(place)]
    named = ctypes.util.find_library("faketimeMT")
    if not found and not named:
        raise NotRun("libfaketime is not installed; on Debian: apt-get install faketime")
    return found[0] if found else str(named)


ROWS = (
    Row("deadline slow", "ends_at passes in the middle at a slow gateway", slow, beside=ORDERS),
    Row("deadline outage", "ends_at passes during an outage of the gateway", outage, beside=ORDERS),
    Row("worker's clock", "the clock of the worker is five minutes fast, then slow", wrong_clock),
)
