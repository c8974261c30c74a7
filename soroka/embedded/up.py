"""The whole stack: what ends it, and that nothing of it is left then."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress

from soroka.embedded.layout import Layout
from soroka.embedded.lock import lock_home
from soroka.embedded.ports import require_free
from soroka.embedded.reaper import Reaper
from soroka.embedded.stack import Stack
from soroka.embedded.story import Story
from soroka.embedded.supervisor import Supervisor

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def up(layout: Layout, story: Story, say: Callable[[str], None]) -> int:
    """Run the stack until it is told to end. Returns the story's exit code where that ends it, else 0.

    Raises StackError where it cannot start or go on; nothing is left running then.
    """
    lock = lock_home(layout.home)
    require_free(layout.port, "PORT")
    require_free(layout.flower_port, "FLOWER_PORT")
    reaper = Reaper(lock)
    try:
        supervisor = Supervisor(layout.logs, reaper, say)
        return asyncio.run(_run(Stack(layout, story, say, supervisor), supervisor))
    finally:
        reaper.close()


async def _run(stack: Stack, supervisor: Supervisor) -> int:
    told_to_end = _told_to_end()
    serving = asyncio.create_task(stack.serve())
    waiting = asyncio.create_task(told_to_end.wait())
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if told_to_end.is_set():
        stack.say("stopping")
        serving.cancel()
    try:
        with suppress(asyncio.CancelledError):
            return await serving
        return 0
    finally:
        await supervisor.stop()


def _told_to_end() -> asyncio.Event:
    """Set by the first Ctrl-C or other ending signal; a second one finds it set and changes nothing."""
    told = asyncio.Event()
    for number in ENDING_SIGNALS:
        if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
            continue  # started with nohup: the end of the terminal is not ours
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    return told
