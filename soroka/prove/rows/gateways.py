"""Everything that a gateway can do wrong in the middle of a mailing. Each row has a gateway of its own."""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from soroka.prove.proof import Hostile, Proof, Sent
from soroka.prove.record import Call
from soroka.prove.rows.stores import slow_mailing
from soroka.prove.tally import Promise, accepted_once, at_most, none_within, offered_once, within
from soroka.prove.tls import Authority, TlsEnd
from soroka.prove.verdict import GATEWAYS, Findings, Row

Act = Callable[[Proof, Hostile], Awaitable[None]]
#: What is asked of the calls. began, ended: of the trouble, seconds since 1970.
Check = Callable[[Proof, Sequence[Call], float, float], list[Promise]]

#: So many that a storm on a gateway that is back would be seen: half of them are each pump's.
_CONNECTIONS = 100
_SIZES = 2_000, 1_000
#: Single messages with which a pump probes a gateway in one turn.
_PROBES = 5
#: Seconds in which pumps learn of a trouble: what is under way then still arrives.
_LEARNING = 1.5
_RETRY_AFTER = 4
#: A mended gateway's latency, and how many of them its return is watched for, from the first call that it takes.
_LATENCY, _WATCHED = 0.1, 2.5
#: Calls of a pump meanwhile: one, then twice as many each time that all are answered, and one more as a probe.
_GENTLE = 1 + 2 + 4 + 1
#: A token is refused until it is changed; the gateway is probed once a minute.
_TOKEN_HOLDS = 5.0
_TOTAL_TIMEOUT = 10.0
#: Seconds after which every pump has begun a turn: it knows the gateways that there were then.
_TURN = 6.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """begin, end: bring it about and mend it.  seconds: how long it lasts, at full scale and at least."""

    name: str
    fault: str
    begin: Act
    end: Act
    check: Check
    seconds: tuple[float, float] = (20, 5)

    def row(self) -> Row:
        """The row of it."""
        return Row(self.name, self.fault, partial(_suffer, self), beside=GATEWAYS)


async def _suffer(trouble: Trouble, proof: Proof) -> Findings:
    gateway = await proof.gateway(trouble.name, connections=_CONNECTIONS)
    mailing = await slow_mailing(proof, proof.scaled(*_SIZES), gateway)
    await proof.progress(mailing, 0.1)
    return await _troubled(trouble, proof, gateway, mailing)


async def _troubled(trouble: Trouble, proof: Proof, gateway: Hostile, mailing: Sent) -> Findings:
    """Bring the trouble about in the middle of the mailing, mend it, and wait for the end."""
    began = time.time()
    await trouble.begin(proof, gateway)
    await asyncio.sleep(proof.scaled(*trouble.seconds))
    ended = time.time()
    await trouble.end(proof, gateway)
    await proof.finished(mailing)
    return Findings(
        trouble.name, [mailing], judge=lambda _, calls: trouble.check(proof, calls, began, ended)
    )  # fmt: skip


def _wish(**wish: Any) -> Act:
    async def act(_: Proof, gateway: Hostile) -> None:
        await gateway.simulator.behave(**wish)

    return act


_WELL = _wish(latency=_LATENCY)


def left_alone(proof: Proof, calls: Sequence[Call], began: float, ended: float) -> list[Promise]:
    """A gateway that fails is probed, not stormed, and not stormed when it is back."""
    pumps, seconds = proof.stack.pumps, max(ended - began - _LEARNING, 0.0)
    turns = math.log2(2 * seconds + 1) + 2  # pauses of half a second at least, doubled each time
    while_down = sum(began + _LEARNING < call.at < ended for call in calls)
    back = next((call.at for call in calls if call.at > ended and call.accepted), math.inf)
    probes = sum(ended < call.at < back for call in calls)
    at_first = sum(back <= call.at < back + _WATCHED * _LATENCY for call in calls)
    return [
        at_most(while_down, math.ceil(pumps * _PROBES * turns), "calls while it fails: probes only"),
        at_most(probes, 2 * pumps * _PROBES, "calls from its mending to the first that is taken"),
        at_most(at_first, pumps * _GENTLE, f"calls in {_WATCHED:g} latencies from there: no storm"),
    ]


def _down(proof: Proof, calls: Sequence[Call], began: float, ended: float) -> list[Promise]:
    return [accepted_once(calls), *left_alone(proof, calls, began, ended)]


def _heeds(_: Proof, calls: Sequence[Call], began: float, ended: float) -> list[Promise]:
    asked = [call.at for call in calls if call.answer == "429"]
    early = sum(any(at + 1.0 < call.at < at + _RETRY_AFTER for at in asked) for call in calls)
    return [
        accepted_once(calls),
        Promise("it was asked to wait", bool(asked), f"{len(asked)} times"),
        at_most(early, 0, "calls from a second after the answer to the moment it names"),
    ]


def _silent(proof: Proof, calls: Sequence[Call], began: float, ended: float) -> list[Promise]:
    """Its connections broke when it went, and what was under way on them is in doubt."""
    twice = sum(times > 1 for times in Counter(call.id for call in calls if call.accepted).values())
    return [
        at_most(twice, _CONNECTIONS, "accepted twice: only what was under way when it went"),
        none_within(calls, began + _LEARNING, ended, "nothing arrives meanwhile"),
    ]


def _once(_: Proof, calls: Sequence[Call], began: float, ended: float) -> list[Promise]:
    return [offered_once(calls)]


async def _refuse(_: Proof, gateway: Hostile) -> None:
    await gateway.simulator.stop()


async def _listen(_: Proof, gateway: Hostile) -> None:
    await gateway.simulator.start()
    await gateway.simulator.behave(latency=_LATENCY)


async def hanging(proof: Proof) -> Findings:
    """A gateway takes calls and never answers; another one is served meanwhile."""
    name = "gateway hangs"
    gateway = await proof.gateway(name, connections=_CONNECTIONS)
    beside = await proof.gateway(f"{name}-beside", connections=_CONNECTIONS)
    await asyncio.sleep(_TURN)
    mailing = await slow_mailing(proof, proof.scaled(*_SIZES), gateway)
    await proof.progress(mailing, 0.1)
    began = time.time()
    await gateway.simulator.behave(fault={"hang": 1.0})
    other = await proof.mailing(proof.scaled(*_SIZES), beside)
    looks: list[int] = []
    watching = asyncio.create_task(_look_at_sessions(proof, looks))
    took = await proof.finished(other, within=_TOTAL_TIMEOUT * 3)
    await asyncio.sleep(max(began + proof.scaled(20, _TOTAL_TIMEOUT + 3) - time.time(), 0.0))
    ended = time.time()
    watching.cancel()
    await _WELL(proof, gateway)
    await proof.finished(mailing)
    seen = [
        within(took, _TOTAL_TIMEOUT, "another gateway's mailing is done while it hangs"),
        Promise(
            "no database transaction stays open while it hangs", bool(looks) and not any(looks), f"{len(looks)} looks"
        ),
    ]
    return Findings(
        name, [mailing, other], seen=seen,
        judge=lambda _, calls: _down(proof, [call for call in calls if call.id in _ids(mailing)], began, ended),
    )  # fmt: skip


def _ids(mailing: Sent) -> set[int]:
    return {call.id for call in mailing.gateway.simulator.calls()}


async def _look_at_sessions(proof: Proof, looks: list[int]) -> None:
    """Count the transactions that stay open, again and again until cancelled."""
    while True:
        looks.append(await proof.books.long_transactions())
        await asyncio.sleep(0.2)


async def wrong_certificate(proof: Proof) -> Findings:
    """The gateway's certificate is suddenly one that nobody here trusts."""
    name = "gateway certificate"
    simulator = proof.stack.simulator(name)
    await simulator.start()
    end = TlsEnd(simulator.port)
    good, bad = proof.authority.context(proof.stack.home), Authority("nobody").context(proof.stack.home)
    await end.show(good)
    gateway = await proof.gateway_at(name, end.url, simulator, connections=_CONNECTIONS)
    mailing = await slow_mailing(proof, proof.scaled(*_SIZES), gateway)
    await proof.progress(mailing, 0.1)

    def shown(context: Any) -> Act:
        async def act(_: Proof, gateway: Hostile) -> None:
            await end.show(context)
            await gateway.simulator.behave(latency=_LATENCY)

        return act

    try:
        return await _troubled(Trouble(name, "", shown(bad), shown(good), _silent), proof, gateway, mailing)
    finally:
        end.close()


async def refused_token(proof: Proof) -> Findings:
    """The token runs out in the middle; after a while a new one is entered."""
    name = "gateway token"
    until = time.time() + _TOKEN_HOLDS
    gateway = await proof.gateway(name, connections=_CONNECTIONS, exp=math.ceil(until))
    mailing = await slow_mailing(proof, proof.scaled(*_SIZES), gateway, seconds=3 * _TOKEN_HOLDS)
    await proof.next_answer(gateway, "401", 60)
    began = time.time()
    await asyncio.sleep(proof.scaled(20, 5))
    await proof.at_desk(proof.desk.renew_token, gateway.id)
    ended = time.time()
    await gateway.simulator.behave(latency=_LATENCY)
    await proof.finished(mailing)
    return Findings(name, [mailing], judge=lambda _, calls: _down(proof, calls, began, ended))


TROUBLES = (
    Trouble("gateway 500", "the gateway answers 500 for a while", _wish(fault={"500": 1.0}), _WELL, _down),
    Trouble(
        "gateway 429 seconds", "429 with Retry-After in seconds",
        _wish(fault={"429": 1.0}, retry_after=_RETRY_AFTER), _WELL, _heeds, (20, 2 * _RETRY_AFTER + 2),
    ),
    Trouble(
        "gateway 429 date", "429 with Retry-After as a date",
        _wish(fault={"429": 1.0}, retry_after=_RETRY_AFTER, retry_after_date=True), _WELL, _heeds,
        (20, 2 * _RETRY_AFTER + 4),
    ),
    Trouble("gateway refuses", "the gateway refuses connections", _refuse, _listen, _silent),
    Trouble("gateway html", "200 with a web page", _wish(fault={"html": 1.0}), _WELL, _down),
    Trouble("gateway breaks off", "it accepts and then breaks off", _wish(fault={"lose": 1.0}), _WELL, left_alone),
    Trouble("gateway half a body", "it accepts and sends half a body", _wish(fault={"half": 1.0}), _WELL, left_alone),
    Trouble("gateway slow", "a thousand times slower: 5 s in place of 5 ms", _wish(latency=5.0), _WELL, _once, (20, 8)),
)  # fmt: skip
ROWS = (
    *(trouble.row() for trouble in TROUBLES),
    Row("gateway hangs", "it hangs longer than the timeout of 10 s", hanging, beside=GATEWAYS),
    Row("gateway certificate", "its certificate is suddenly a wrong one", wrong_certificate, beside=GATEWAYS),
    Row("gateway token", "its token runs out: 401 until it is changed", refused_token, beside=GATEWAYS),
)
