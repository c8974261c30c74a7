"""One soak: the stack is started and furnished, everything flows, and nothing is left running."""

import asyncio
import os
import signal
from pathlib import Path

import psycopg

from soroka.embedded.errors import StackError
from soroka.embedded.lock import lock_home
from soroka.embedded.reaper import Reaper
from soroka.prove.books import NAME
from soroka.prove.simulator import Simulator
from soroka.prove.soak.faults import LATENCY
from soroka.prove.soak.flow import GATEWAY, Flow, Say, Soaked, Wish
from soroka.prove.stack import Stack, trusted
from soroka.prove.waiting import TooLong

LEASE, PUMPS = 15.0, 2
_CONNECTIONS = 128
#: The gateway takes so much more than flows in: what a fault has kept back is made up for.
_SPARE = 1.5


def soak(home: Path, wish: Wish, say: Say) -> Soaked:
    """Soak a stack of its own in the folder ``home``.

    Raises StackError where the stack does not come back, KeyboardInterrupt where we are told to end. Nothing is left
    running, however it ends.
    """
    reaper = Reaper(lock_home(home))
    try:
        return asyncio.run(_soak(home, reaper, wish, say))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    except (TooLong, OSError, psycopg.OperationalError) as error:
        raise StackError(str(error)) from error
    finally:
        reaper.close()


async def _soak(home: Path, reaper: Reaper, wish: Wish, say: Say) -> Soaked:
    trusts = home / "authorities.pem"
    trusts.write_bytes(trusted(os.environ))
    stack = Stack(home, reaper, lease=LEASE, pumps=PUMPS, authority=trusts)
    us = asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, lambda: us and us.cancel())
    try:
        await stack.start()
        gateway = stack.simulator(GATEWAY)
        await gateway.start()
        await gateway.behave(latency=LATENCY)
        await asyncio.to_thread(_furnish, stack, gateway, wish)
        return await Flow(stack, gateway, wish, say).run()
    finally:
        await stack.end()


def _furnish(stack: Stack, gateway: Simulator, wish: Wish) -> None:
    """The clients and the gateway, by the code of the product. Django is set up for the stack that runs by now."""
    import django

    os.environ |= stack.env | {
        "DJANGO_SETTINGS_MODULE": "soroka.config.settings", "LOG_LEVEL": "WARNING", "PGAPPNAME": NAME,
    }  # fmt: skip
    django.setup()
    from django.db import connections

    from soroka.prove import desk

    desk.audience_of(wish.size)
    number = desk.add_gateway(GATEWAY, gateway.url, idempotent=True, connections=_CONNECTIONS)
    desk.set_pace(
        number, rate=_SPARE * wish.rate, burst=wish.rate
    )  # a machine that is busy is late by tenths of a second
    connections.close_all()
