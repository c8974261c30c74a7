"""Starts services, waits until they are ready, keeps them running, and stops them in reverse order."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from signal import Signals

from soroka.embedded.child import Child, Service
from soroka.embedded.errors import StackError
from soroka.embedded.logs import open_log, shorten, tail
from soroka.embedded.program import Program
from soroka.embedded.reaper import Reaper

#: Seconds before a service that ended is started again: the first time, and at most.
FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0
#: A service that ran this many seconds is taken to be well: its next end is a first one again.
HEALTHY_AFTER = 60.0
#: Seconds between two looks at the length of the logs.
LOGS_EVERY = 10.0


class Supervisor:
    """The programs of one stack.

    logs: folder of their output.  say: shows one line to the person at the terminal.
    """

    def __init__(self, logs: Path, reaper: Reaper, say: Callable[[str], None]) -> None:
        self._logs = logs
        self._reaper = reaper
        self._say = say
        self._services: list[tuple[Service, Child]] = []
        self._ranks: list[list[Child]] = []

    async def launch(self, *services: Service) -> None:
        """Start services that may start, and will be stopped, at the same time."""
        rank: list[Child] = []
        self._ranks.append(rank)
        for service in services:
            child = self._child(service.program)
            rank.append(child)
            self._services.append((service, child))
            await child.start()

    async def run(self, program: Program, *, on_terminal: bool = False) -> int:
        """Run a program to its end. Returns its exit code, or minus the number of the signal that ended it."""
        child = Child(program, None, self._reaper) if on_terminal else self._child(program)
        self._ranks.append([child])
        await child.start()
        return await child.ended()

    async def ready(self, within: float) -> None:
        """Wait until all that was launched is ready. Raises StackError with the log of what is not.

        within: seconds.
        """
        deadline = time.monotonic() + within
        async with failing_together() as group:
            for service, child in self._services:
                group.create_task(self._ready(service, child, deadline))

    async def keep_running(self, during: Awaitable[int]) -> int:
        """Start again what ends, later each time, until ``during`` is done. Returns its result.

        Raises StackError when a vital service has ended.
        """
        async with failing_together() as group:
            keepers = [group.create_task(self._keep(service, child)) for service, child in self._services]
            keepers.append(group.create_task(self._shorten_logs()))
            result = await during
            for keeper in keepers:
                keeper.cancel()
        return result

    async def stop(self) -> None:
        """End everything, what was started last first."""
        while self._ranks:
            await asyncio.gather(*(child.stop() for child in self._ranks.pop()))

    def fault(self, program: Program, what: str) -> StackError:
        """An error that ends with the last lines of the program's log."""
        log = self._logs / f"{program.name}.log"
        return StackError(f"{program.name} {what}. The end of {log}:\n{tail(log)}")

    def _child(self, program: Program) -> Child:
        return Child(program, open_log(self._logs, program.name), self._reaper)

    async def _shorten_logs(self) -> None:
        while True:
            for log in self._logs.glob("*.log"):
                shorten(log)
            await asyncio.sleep(LOGS_EVERY)

    async def _ready(self, service: Service, child: Child, deadline: float) -> None:
        while not await asyncio.to_thread(service.is_ready):
            if not child.is_running:
                raise self.fault(service.program, f"{how(await child.ended())} while starting")
            if time.monotonic() > deadline:
                raise self.fault(service.program, "did not become ready in time")
            await asyncio.sleep(0.05)

    async def _keep(self, service: Service, child: Child) -> None:
        delay = FIRST_DELAY
        while True:
            started = time.monotonic()
            what = how(await child.ended())
            if service.vital:
                raise self.fault(service.program, f"{what}; nothing can go on without it")
            if time.monotonic() - started > HEALTHY_AFTER:
                delay = FIRST_DELAY
            self._say(f"{service.program.name} {what} (see {child.log}); starting it again in {delay:g} s")
            await asyncio.sleep(delay)
            delay = min(2 * delay, LONGEST_DELAY)
            await child.start()


@asynccontextmanager
async def failing_together() -> AsyncIterator[asyncio.TaskGroup]:
    """A group of tasks whose first failure ends the others and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


def how(code: int) -> str:
    """An exit code, or minus a signal's number, in words."""
    return f"was ended by {Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
