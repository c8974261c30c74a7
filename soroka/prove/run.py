"""One run: the stack is started, the rows are run one after the other, and nothing is left."""

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from soroka.embedded.errors import StackError
from soroka.embedded.lock import lock_home
from soroka.embedded.reaper import Reaper
from soroka.prove.stack import Stack, trusted
from soroka.prove.tls import Authority
from soroka.prove.verdict import Row, Verdict

LEASE, PUMPS = 2.0, 2

Say = Callable[[Verdict], None]


def prove(home: Path, rows: Sequence[Row], *, scale: float, seed: int, say: Say) -> list[Verdict]:
    """Run the rows on a stack of their own in the folder ``home``. say: is told every verdict as it falls.

    Raises StackError where the stack cannot start. Nothing is left running, however it ends.
    """
    reaper = Reaper(lock_home(home))
    try:
        return asyncio.run(_prove(home, rows, reaper, scale, seed, say))
    finally:
        reaper.close()


async def _prove(
    home: Path, rows: Sequence[Row], reaper: Reaper, scale: float, seed: int, say: Say
) -> list[Verdict]:
    authority = Authority("soroka prove")
    trusts = home / "authorities.pem"
    trusts.write_bytes(trusted(os.environ) + authority.pem)
    stack = Stack(home, reaper, lease=LEASE, pumps=PUMPS, authority=trusts)
    loop, us = asyncio.get_running_loop(), asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, lambda: us and us.cancel())
    try:
        await stack.start()
        return await _run_all(stack, authority, rows, scale, seed, say)
    finally:
        await stack.end()


async def _run_all(
    stack: Stack, authority: Authority, rows: Sequence[Row], scale: float, seed: int, say: Say
) -> list[Verdict]:
    _set_up_django(stack)
    from soroka.prove.books import Books
    from soroka.prove.proof import Proof
    from soroka.prove.watch import Watcher

    watcher = Watcher(Books(stack.postgres.url, patience=0))
    proof = Proof(stack, Books(stack.postgres.url), watcher, authority, scale=scale, seed=seed)
    await proof.at_desk(proof.desk.add_clients, proof.scaled(50_000, 2_000))
    watching = asyncio.create_task(watcher.run())
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
    """Rows that are run side by side: those that do not disturb each other."""
    groups: list[list[Row]] = []
    for row in rows:
        if groups and not row.apart and not groups[-1][0].apart:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _set_up_django(stack: Stack) -> None:
    import django

    os.environ |= stack.env | {"DJANGO_SETTINGS_MODULE": "soroka.config.settings", "LOG_LEVEL": "WARNING"}
    django.setup()
