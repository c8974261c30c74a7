"""One run: the stack is started, the rows are run one after the other, and nothing is left."""

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from soroka.embedded.errors import StackError
from soroka.embedded.lock import lock_home
from soroka.embedded.reaper import Reaper
from soroka.prove.stack import Stack, trusted
from soroka.prove.tls import Authority
from soroka.prove.verdict import Row, Verdict

if TYPE_CHECKING:
    from soroka.prove.proof import Proof

LEASE, PUMPS = 2.0, 2

Say = Callable[[Verdict], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """scale: of sizes and times, 1 is full.  seed: of everything that is drawn by lot."""

    scale: float
    seed: int


def prove(home: Path, rows: Sequence[Row], wish: Wish, say: Say) -> list[Verdict]:
    """Run the rows on a stack of their own in the folder ``home``. say: is told every verdict as it falls.

    Raises StackError where the stack cannot start, KeyboardInterrupt where we are told to end. Nothing is left running,
    however it ends.
    """
    reaper = Reaper(lock_home(home))
    try:
        return asyncio.run(_prove(home, rows, reaper, wish, say))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        reaper.close()


async def _prove(home: Path, rows: Sequence[Row], reaper: Reaper, wish: Wish, say: Say) -> list[Verdict]:
    authority = Authority("soroka prove")
    trusts = home / "authorities.pem"
    trusts.write_bytes(trusted(os.environ) + authority.pem)
    stack = Stack(home, reaper, lease=LEASE, pumps=PUMPS, authority=trusts)
    loop, us = asyncio.get_running_loop(), asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, lambda: us and us.cancel())
    try:
        await stack.start()
        return await _run_all(_proof(stack, authority, wish), rows, say)
    finally:
        await stack.end()


def _proof(stack: Stack, authority: Authority, wish: Wish) -> "Proof":
    """What the rows stand on. Django is set up for the stack that runs by now."""
    import django

    os.environ |= stack.env | {"DJANGO_SETTINGS_MODULE": "soroka.config.settings", "LOG_LEVEL": "WARNING"}
    django.setup()
    from soroka.prove.books import Books
    from soroka.prove.proof import Proof
    from soroka.prove.watch import Watcher

    watcher = Watcher(Books(stack.postgres.url, patience=0))
    return Proof(stack, Books(stack.postgres.url), watcher, authority, scale=wish.scale, seed=wish.seed)


async def _run_all(proof: "Proof", rows: Sequence[Row], say: Say) -> list[Verdict]:
    watching = asyncio.create_task(proof.watcher.run())
    verdicts: list[Verdict] = []
    try:
        for together in _groups(rows):
            for falls in asyncio.as_completed([proof.verdicts(row) for row in together]):
                for verdict in await falls:
                    say(verdict)
                    verdicts.append(verdict)
            if watching.done():
                raise StackError(f"the watcher has ended: {watching.exception()!r}")
    finally:
        watching.cancel()
    return verdicts


def _groups(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows that are run side by side, in their order."""
    groups: list[list[Row]] = []
    for row in rows:
        if groups and row.beside and row.beside == groups[-1][0].beside:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups
