"""What the forked processes do: send like a pump without a queue, or work as a pump."""

import asyncio
import os
import pstats
import time
from collections.abc import Callable, Iterator
from cProfile import Profile

import django
import uvloop
from django.apps import apps
from django.db import connection

if not apps.ready:
    django.setup()

from soroka.dispatch import pumping
from soroka.dispatch.database import in_thread
from soroka.domain.outcome import Accepted, Envelope, Outcome
from soroka.gateways import registry
from soroka.gateways.contract import Gateway, GatewayConfig
from soroka.imports.run import run

#: The kind of gateway that answers at once: what is left is the engine.
INSTANT = "instant"
#: What the server knows a pump's connection by.
PUMP = "soroka bench: pump"
PHONE = 79_161_234_567
_ACCEPTED = Accepted()


class Instant:
    """A gateway that accepts everything without a wire."""

    idempotent = True
    transit = 0.0

    def __init__(self, _config: GatewayConfig) -> None:
        pass

    async def send(self, envelope: Envelope) -> Outcome:
        """See ``Gateway``."""
        return _ACCEPTED

    async def close(self) -> None:
        """See ``Gateway``."""


def pump() -> Callable[[], None]:
    """Work as a pump does, turn after turn, until nothing is queued.

    Its connection to the database is made beforehand, as that of a worker that runs for days.
    """
    os.environ["PGAPPNAME"] = PUMP  # libpq's: the name that pg_stat_activity shows
    registry.KINDS = {**registry.KINDS, INSTANT: Instant}
    asyncio.run(in_thread(_connect))
    return _pump


def importer(import_id: int) -> Callable[[], None]:
    """Run an import as the worker does."""
    _connect()
    return lambda: run(import_id)


def pump_or_importer(import_id: int | None) -> Callable[[], None]:
    """A pump, or an importer where there is an import."""
    return pump() if import_id is None else importer(import_id)


def _connect() -> None:
    connection.ensure_connection()
    connection.close()  # the pool keeps it


def _pump() -> None:
    while pumping.deliver(lambda: False):
        pass


def profiled_pump(path: str) -> Callable[[], None]:
    """The same with its two Python threads, the loop's and the database's, under profilers that count CPU time.

    path: of the statistics of both. Watching slows: what is found are shares.
    """
    work = pump()
    loop, database = Profile(time.thread_time), Profile(time.thread_time)

    def watched() -> None:
        asyncio.run(in_thread(database.enable))
        loop.runcall(work)
        asyncio.run(in_thread(database.disable))
        pstats.Stats(loop).add(pstats.Stats(database)).dump_stats(path)

    return watched


def bare_client(first: int, count: int, connections: int, text: str) -> Callable[[], None]:
    """Send ``count`` messages with ids from ``first`` on through the gateway's adapter, and nothing else."""

    def send() -> None:
        uvloop.run(_send_all(iter(range(first, first + count)), connections, text))

    return send


async def _send_all(ids: Iterator[int], connections: int, text: str) -> None:
    config = GatewayConfig(
        name="bare client", kind="http_jwt", url=os.environ["GATEWAY_URL"], token=os.environ["GATEWAY_TOKEN"],
        connections=connections,
    )  # fmt: skip
    gateway = registry.build(config)
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_send(gateway, ids, text))
    await gateway.close()


async def _send(gateway: Gateway, ids: Iterator[int], text: str) -> None:
    """One connection's worth: pull an id, send, again."""
    for number in ids:
        outcome = await gateway.send(Envelope(number, PHONE, text))
        if outcome != _ACCEPTED:
            raise RuntimeError(f"the stub gateway answered {outcome}")
