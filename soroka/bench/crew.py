"""Processes that do one thing at the same moment, forked from one that has loaded the service, as Celery forks its
children: a process that has built an HTTP client must not fork.
"""

import multiprocessing
import signal
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from soroka.bench.errors import BenchError
from soroka.bench.processes import cpu_of_threads, peak_memory

READY_WITHIN = 60.0
#: Seconds after which work that does not end is given up.
LONGEST = 900.0

#: Called in the child with its arguments; what it returns is called again when all are to begin.
Role = Callable[..., Callable[[], None]]

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["soroka.bench.roles"])


@dataclass(frozen=True, slots=True)
class Effort:
    """What one process used. seconds: of the clock.  memory: its peak, bytes.  threads: CPU seconds by thread."""

    seconds: float
    cpu: float
    memory: int
    threads: dict[str, float]


@dataclass(frozen=True, slots=True)
class Crew:
    """The efforts of processes that worked side by side."""

    efforts: tuple[Effort, ...]

    @property
    def seconds(self) -> float:
        """From the common start to the end of the last."""
        return max(effort.seconds for effort in self.efforts)

    @property
    def cpu(self) -> float:
        """CPU seconds of all."""
        return sum(effort.cpu for effort in self.efforts)


def work(role: Role, each: Sequence[tuple[Any, ...]]) -> Crew:
    """Run ``role`` in one process for each tuple of arguments, all from the same moment. Raises BenchError."""
    pipes = [_context.Pipe() for _ in each]
    members = [
        _context.Process(target=_play, args=(theirs, role, arguments), daemon=True)
        for (_, theirs), arguments in zip(pipes, each, strict=True)
    ]
    try:
        for member, (_, theirs) in zip(members, pipes, strict=True):
            member.start()
            theirs.close()
        for ours, _ in pipes:
            _receive(ours, READY_WITHIN)
        for ours, _ in pipes:
            ours.send("go")
        return Crew(tuple(_receive(ours, LONGEST) for ours, _ in pipes))
    finally:
        for member in members:
            if member.pid is not None:
                member.kill()
                member.join()


def _receive(connection: Connection, within: float) -> Any:
    if not connection.poll(within):
        raise BenchError(f"a process of the benchmark did not end within {within:g} s")
    try:
        answer = connection.recv()
    except EOFError:
        raise BenchError("a process of the benchmark ended before its work") from None
    if isinstance(answer, str) and answer != "ready":
        raise BenchError(f"a process of the benchmark failed:\n{answer}")
    return answer


def _play(connection: Connection, role: Role, arguments: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's matter, which ends us
    try:
        act = role(*arguments)
        connection.send("ready")
        connection.recv()
        connection.send(_measured(act))
    except EOFError:
        return
    except Exception:
        connection.send(traceback.format_exc())


def _measured(act: Callable[[], None]) -> Effort:
    began, cpu = time.perf_counter(), time.process_time()
    act()
    return Effort(time.perf_counter() - began, time.process_time() - cpu, peak_memory(), cpu_of_threads())
