"""What an operator orders over the API in the middle: pause, resume, cancel, and a small mailing beside many."""

import asyncio
import time
from collections.abc import Sequence

from soroka.demo.api import Api
from soroka.domain.message import Reason
from soroka.prove.proof import Hostile, Proof, Sent
from soroka.prove.record import Call
from soroka.prove.rows.stores import finish, slow_mailing
from soroka.prove.tally import Ledger, Promise, at_most, offered_once, within
from soroka.prove.verdict import ORDERS, Findings, Row

#: Seconds after the reply in which the last call has arrived, and the gateway's longest answer.
OBEYED, TOTAL_TIMEOUT = 2.0, 10.0
_LISTEN = 3.0
_CROWD = 200


async def paused(proof: Proof) -> Findings:
    """Pause and resume again and again."""
    gateway = await proof.gateway("pause", connections=20)
    times = proof.scaled(20, 3)
    mailing = await slow_mailing(proof, proof.scaled(5_000, 600), gateway, seconds=4.0 * times)
    after: list[float] = []
    with await proof.api() as api:
        for _ in range(times):
            await proof.next_call(gateway, time.time(), 15, "it is being sent")
            after.append(await _last_call_after(proof, api, mailing, "pause"))
            await asyncio.to_thread(api.post, f"/mailings/{mailing.id}/resume", {})
    await finish(proof, mailing)
    after.sort()
    p99 = after[min(int(len(after) * 0.99), len(after) - 1)]
    seen = [within(p99, OBEYED, f"p99 of {times} pauses, last call after the reply, at most {OBEYED:g} s")]
    return Findings("pause and resume", [mailing], seen=seen, judge=lambda _, calls: [offered_once(calls)])


async def cancelled(proof: Proof) -> Findings:
    """Cancel in the middle, at a gateway that takes its time."""
    times = proof.scaled(10, 2)
    gateways = [await proof.gateway(f"cancel-{number}", connections=20) for number in range(times)]
    done = await asyncio.gather(*(_cancel(proof, gateway) for gateway in gateways))
    after = max(last for _, last, _ in done)
    settled = max(took for _, _, took in done)
    seen = [
        within(after, OBEYED, f"last call after the reply of {times} cancellations, at most {OBEYED:g} s"),
        within(settled, TOTAL_TIMEOUT + 2, "nothing is in process once what was in flight has settled"),
    ]
    mailings = [mailing for mailing, _, _ in done]
    return Findings("cancel", mailings, {Reason.WITHDRAWN}, seen, lambda _, calls: [offered_once(calls)])


async def _cancel(proof: Proof, gateway: Hostile) -> tuple[Sent, float, float]:
    mailing = await slow_mailing(proof, proof.scaled(2_000, 300), gateway, seconds=20.0)
    await proof.progress(mailing, 0.1)
    with await proof.api() as api:
        began = time.monotonic()
        last = await _last_call_after(proof, api, mailing, "cancel")
    await proof.finished(mailing)
    return mailing, last, time.monotonic() - began


async def _last_call_after(proof: Proof, api: Api, mailing: Sent, order: str) -> float:
    """Give an order; returns how many seconds after the reply the last call arrived, at least 0."""
    await asyncio.to_thread(api.post, f"/mailings/{mailing.id}/{order}", {})
    replied = time.time()
    await asyncio.sleep(_LISTEN)
    return max([call.at - replied for call in mailing.gateway.simulator.calls() if call.at > replied], default=0.0)


async def crowd(proof: Proof) -> Findings:
    """Two hundred mailings at once, one of them huge, and a small one that is made in the middle."""
    gateway = await proof.gateway("crowd", connections=100)
    await gateway.simulator.behave(latency=0.01)
    starts_in = float(proof.scaled(40, 7))
    huge = await proof.mailing(proof.scaled(1_000_000, 60_000), gateway, starts_in=starts_in)
    at_once = huge.starts - time.time()
    small = [await proof.mailing(20, gateway, starts_in=at_once) for _ in range(_CROWD - 1)]
    await proof.next_call(gateway, huge.starts, 60, "they are being sent")
    with await proof.api() as api:
        late = await proof.mailing_by_api(api, 50, gateway)
    ids = (await proof.books.ledger([late.id])).keys()
    began = await proof.next_call(gateway, late.starts, 60, "the small mailing begins", ids)
    await proof.finished(late)
    took = time.time() - late.starts
    left = await proof.open(huge)
    await proof.finished(*small)
    if await proof.open(huge):
        with await proof.api() as api:
            await asyncio.to_thread(api.post, f"/mailings/{huge.id}/cancel", {})
    await proof.finished(huge, within=300)
    others = await proof.books.ledger([mailing.id for mailing in (*small, late)])
    withdrawn = sum(entry.reason == Reason.WITHDRAWN for entry in others.values())
    seen = [
        at_most(withdrawn, 0, "withdrawn of another mailing than the huge one"),
        within(began, 2.0, "a small mailing that is made in the middle begins within 2 s"),
        within(took, 10.0, "it is done within 10 s"),
        Promise("it does not wait for the huge one", left > 0, f"{left} of {huge.size} were left then"),
    ]
    return Findings("crowd", [huge, *small, late], {Reason.WITHDRAWN}, seen, _once)


def _once(_: Ledger, calls: Sequence[Call]) -> list[Promise]:
    return [offered_once(calls), at_most(sum(not call.accepted for call in calls), 0, "calls that are not taken")]


ROWS = (
    Row("pause and resume", "pause and resume by the API, again and again", paused, beside=ORDERS),
    Row("cancel", "cancel by the API in the middle", cancelled, beside=ORDERS),
    Row("crowd", "two hundred mailings at once, one of them of a million", crowd),
)
