"""One program of the stack while it runs."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from soroka.embedded.program import Program
from soroka.embedded.reaper import Reaper, kill_group


@dataclass(frozen=True, slots=True)
class Service:
    """A program that runs as long as the stack.

    is_ready: may block for a few seconds, raises nothing.  vital: its end is the end of the stack.
    """

    program: Program
    is_ready: Callable[[], bool]
    vital: bool = False


class Child:
    """A program that is started and ended; its output goes to ``log``, or to our own terminal where that is None."""

    def __init__(self, program: Program, log: Path | None, reaper: Reaper) -> None:
        self.program = program
        self.log = log
        self._reaper = reaper
        self._process: asyncio.subprocess.Process | None = None

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        """Its process id while it runs. Raises RuntimeError."""
        if self._process is None:
            raise RuntimeError(f"{self.program.name} is not running")
        return self._process.pid

    async def start(self) -> None:
        """Start it, for the first time or again."""
        output = self.log.open("ab") if self.log else None
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self.program.argv, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output,
                **self.program.options(),
            )  # fmt: skip
        finally:
            if output:
                output.close()
        self._reaper.watch(self._process.pid, self.program.stop_signal)

    async def ended(self) -> int:
        """Wait for its end and kill the descendants it left. Returns its exit code, or minus the signal's number."""
        if self._process is None:
            raise RuntimeError(f"{self.program.name} is not running")
        code = await self._process.wait()
        kill_group(self._process.pid)
        self._reaper.forget(self._process.pid)
        self._process = None  # its id may soon be another's
        return code

    async def stop(self) -> None:
        """End it, the mildest way first, in at most the sum of its stops' seconds."""
        if self._process is None:
            return
        for stop in self.program.stops:
            if self.is_running:
                with suppress(ProcessLookupError, TimeoutError):
                    self._process.send_signal(stop.signal)
                    await asyncio.wait_for(self._process.wait(), stop.seconds)
        kill_group(self._process.pid)
        await self.ended()
