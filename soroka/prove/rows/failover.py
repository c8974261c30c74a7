"""The first gateway of a mailing goes down: the rest goes through the next one, and doubt stays where it arose."""

import time
from collections.abc import Sequence

from soroka.prove.proof import Hostile, Proof
from soroka.prove.record import Call, accepted_ids
from soroka.prove.tally import Promise, at_most, within
from soroka.prove.verdict import GATEWAYS, Findings, Row

#: A gateway is down after it was left alone three times in a row: pauses of up to 1, 2 and 4 s, and probes between.
_TAKEN_OVER = 40.0
#: What may have been taken although there was no proper answer.
_DOUBTFUL = frozenset({"lose", "half", "hang", "drop", "html", "500"})


async def failover(proof: Proof) -> Findings:
    """Some of what the first one fails at is in doubt; it stays down until the next has taken over, then it is back."""
    name = "failover"
    first = await proof.gateway(f"{name}-first", connections=20)
    second = await proof.gateway(f"{name}-second", connections=20)
    size = proof.scaled(5_000, 1_500)
    await first.simulator.behave(latency=first.connections * 15 / size)
    await second.simulator.behave(latency=0.02)
    mailing = await proof.mailing(size, first, fallbacks=[second])
    await proof.progress(mailing, 0.1)
    await first.simulator.behave(fault={"lose": 0.2, "500": 0.2, "503": 0.6})
    failing = time.time()
    took = await proof.next_call(second, failing, _TAKEN_OVER, "the next gateway takes over")
    await first.simulator.behave(latency=0.02)
    await proof.finished(mailing)
    return Findings(
        name,
        [mailing],
        seen=[within(took, _TAKEN_OVER, "the next gateway takes over")],
        judge=lambda _, __: _kept_apart(first, second),
    )


def _kept_apart(first: Hostile, second: Hostile) -> list[Promise]:
    at_first, at_second = first.simulator.calls(), second.simulator.calls()
    return [
        at_most(len(doubtful(at_first) & {call.id for call in at_second}), 0, "offered to the next while in doubt"),
        at_most(len(accepted_ids(at_first) & accepted_ids(at_second)), 0, "accepted by both"),
        Promise("the next one is given the rest", bool(accepted_ids(at_second)), f"{len(at_second)} calls"),
    ]


def doubtful(calls: Sequence[Call]) -> set[int]:
    """What may have been taken by this gateway."""
    return {call.id for call in calls if call.answer in _DOUBTFUL}


ROWS = (Row("failover", "the first of two gateways goes down, some messages in doubt", failover, beside=GATEWAYS),)
