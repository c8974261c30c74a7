"""What keeps and rings: PostgreSQL, Valkey and beat, killed, kept away, emptied."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from soroka.domain.message import Reason
from soroka.prove.books import Books
from soroka.prove.proof import Hostile, Proof, Sent
from soroka.prove.stack import WORKER
from soroka.prove.tally import Promise, doubts_end, offered_once, repeats_explained, within
from soroka.prove.verdict import Findings, Judge, Row

#: Seconds after the return of what was away in which sending must have gone on.
GOES_ON = 10.0
POSTGRES, VALKEY, BEAT = "postgres", "valkey", "beat"
#: The API says that no worker takes tasks after so long without a pulse, and a little more.
_PULSE = 18.0
#: A turn of a pump ends within so many seconds: nothing goes on after it without a new signal.
_TURN = 6.0


async def postgres(proof: Proof, name: str, away: float) -> list[Findings]:
    """kill -9 of PostgreSQL in the middle of two mailings; it comes back after ``away`` seconds, recovered."""
    size = proof.scaled(5_000, 400)
    gateways = [
        await proof.gateway(f"{name}-{word}", idempotent=knows, connections=20)
        for word, knows in (("knows", True), ("knows-none", False))
    ]
    mailings = [await slow_mailing(proof, size, gateway) for gateway in gateways]
    for mailing in mailings:
        await proof.progress(mailing, 0.1)
    worker = proof.stack.pid(WORKER)
    await proof.stack.kill(POSTGRES)
    unsettled: set[int] = set()

    async def look(url: str) -> None:
        aside = Books(url)
        unsettled.update(await aside.unsettled())
        await aside.close()

    await proof.stack.recovered_postgres(look)
    await asyncio.sleep(away)
    await proof.stack.again(POSTGRES)
    back = time.time()
    gone_on = [await proof.next_call(gateway, back, 60, "sending goes on") for gateway in gateways]
    await finish(proof, *mailings)
    seen = [
        Promise("the worker was not restarted", proof.stack.pid(WORKER) == worker),
        within(max(gone_on), GOES_ON, f"sending goes on within {GOES_ON:g} s of its return"),
    ]
    return [
        Findings(f"{name}, repeats known", mailings[:1], seen=seen, judge=_once_each(unsettled)),
        Findings(f"{name}, no repeats", mailings[1:], {Reason.UNKNOWN}, seen, _doubts(unsettled)),
    ]


def _once_each(unsettled: set[int]) -> Judge:
    return lambda ledger, calls: [repeats_explained(calls, [unsettled & ledger.keys()])]


def _doubts(unsettled: set[int]) -> Judge:
    return lambda ledger, calls: [offered_once(calls), doubts_end(ledger, calls, [unsettled])]


async def valkey(proof: Proof, name: str, away: float, fault: Callable[[Proof], Awaitable[None]]) -> Findings:
    """Do something to Valkey in the middle of a mailing; another one becomes due once a pump's turn is over."""
    gateway = await proof.gateway(name, connections=20)
    running = await slow_mailing(proof, proof.scaled(5_000, 400), gateway)
    await proof.progress(running, 0.1)
    await fault(proof)
    later = await proof.mailing(proof.scaled(500, 100), gateway, starts_in=_TURN)
    back = max(time.time(), later.starts)
    if away:
        await asyncio.sleep(max(away, _TURN))
        await proof.stack.again(VALKEY)
        back = time.time()
    ids = (await proof.books.ledger([later.id])).keys()
    gone_on = await proof.next_call(gateway, back, 60, "sending goes on", ids)
    await finish(proof, running, later)
    seen = [within(gone_on, GOES_ON, f"another mailing begins within {GOES_ON:g} s of its return")]
    return Findings(name, [running, later], seen=seen, judge=lambda _, calls: [offered_once(calls)])


async def _flush(proof: Proof) -> None:
    import redis.asyncio

    client = redis.asyncio.Redis.from_url(proof.stack.valkey.url)
    await client.flushall()
    await client.aclose()


async def _killed(proof: Proof) -> None:
    await proof.stack.kill(VALKEY)
    await proof.stack.again(VALKEY)


async def _gone(proof: Proof) -> None:
    await proof.stack.kill(VALKEY)


async def _folder_lost(proof: Proof) -> None:
    await proof.stack.kill(VALKEY)
    proof.stack.forget_valkey()
    await proof.stack.again(VALKEY)


async def beat(proof: Proof) -> Findings:
    """Beat is dead while a mailing becomes due: nobody rings for it until beat is back."""
    gateway = await proof.gateway("beat", connections=20)
    await proof.stack.kill(BEAT)
    mailing = await proof.mailing(proof.scaled(2_000, 200), gateway, starts_in=3.0)
    ready = [await _is_ready(proof)]
    await asyncio.sleep(proof.scaled(60, _PULSE))
    ready.append(await _is_ready(proof))
    before = len(gateway.simulator.calls())
    await proof.stack.again(BEAT)
    back = time.time()
    gone_on = await proof.next_call(gateway, back, 60, "sending begins")
    await proof.finished(mailing)
    ready.append(await _is_ready(proof))
    seen = [
        Promise("it is late: nothing leaves while beat is dead", before == 0, f"{before} calls"),
        Promise(
            "/readyz says so, and when it is over", ready[1:] == [False, True], f"ready before, at, after: {ready}"
        ),
        within(gone_on, GOES_ON, f"sending begins within {GOES_ON:g} s of its return"),
    ]
    return Findings("beat dead", [mailing], seen=seen, judge=lambda _, calls: [offered_once(calls)])


async def _is_ready(proof: Proof) -> bool:
    from soroka.embedded.readiness import answers

    return await asyncio.to_thread(answers(proof.stack.layout.port, "/readyz"))


async def slow_mailing(proof: Proof, size: int, gateway: Hostile, seconds: float = 8.0) -> Sent:
    """A mailing that takes about so long at its gateway."""
    latency = gateway.connections * seconds / size
    await gateway.simulator.behave(latency=latency)
    return await proof.mailing(size, gateway)


async def finish(proof: Proof, *mailings: Sent) -> None:
    """Let what is left leave quickly, and wait for the end."""
    for gateway in {mailing.gateway.name: mailing.gateway for mailing in mailings}.values():
        await gateway.simulator.behave(latency=0.005)
    await proof.finished(*mailings)


ROWS = (
    Row("postgres killed", "kill -9 of PostgreSQL, and its recovery", lambda p: postgres(p, "postgres killed", 0)),
    Row(
        "postgres away", "kill -9 of PostgreSQL, which is away for 30 s",
        lambda p: postgres(p, "postgres away", p.scaled(30, 5)),
    ),
    Row("valkey flushed", "FLUSHALL in Valkey", lambda p: valkey(p, "valkey flushed", 0, _flush)),
    Row("valkey killed", "kill -9 of Valkey", lambda p: valkey(p, "valkey killed", 0, _killed)),
    Row(
        "valkey away", "kill -9 of Valkey, which is away for 60 s",
        lambda p: valkey(p, "valkey away", p.scaled(60, 10), _gone),
    ),
    Row(
        "valkey lost", "kill -9 of Valkey, and its data folder is lost",
        lambda p: valkey(p, "valkey lost", 0, _folder_lost),
    ),
    Row("beat dead", "beat is dead for 60 s while a mailing becomes due", beat),
)  # fmt: skip
