"""What ends the stack when its supervisor was killed and could not.

The kernel's death signal reaches the programs that the supervisor started, but not their own children. So a process
of its own sits at the end of a pipe. The supervisor writes a line for what it starts (``+pid signal``) and what has
ended (``-pid``). When the pipe closes, all that is left is asked to end, and then killed, a group at a time.

This file is also run as a script, without the site packages; hence it imports nothing but the standard library.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

#: Seconds between the request to end and the kill (a worker ends its pumps in about four), and for the kill itself.
GRACE, KILL_TAKES = 5.0, 2.0


class Reaper:
    """The supervisor's end of the pipe. Every program reported here leads a process group of its own."""

    def __init__(self, lock: int, grace: float = GRACE) -> None:
        """lock: a descriptor that the reaper keeps open as long as anything may be left.  grace: see ``end``."""
        self._grace = grace
        theirs, self._pipe = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__)), str(grace)],
            stdin=theirs, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd="/", start_new_session=True, pass_fds=[lock],
        )  # fmt: skip
        os.close(theirs)

    def watch(self, pid: int, stop_signal: int) -> None:
        """``pid`` has started; ``stop_signal`` is what ends it in order."""
        self._write(f"+{pid} {int(stop_signal)}\n")

    def forget(self, pid: int) -> None:
        """``pid`` and its group are gone."""
        self._write(f"-{pid}\n")

    def close(self) -> None:
        """End the reaper, which first ends what is left."""
        os.close(self._pipe)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(self._grace + KILL_TAKES)

    def _write(self, line: str) -> None:
        with suppress(BrokenPipeError):  # somebody killed the reaper: the death signal is what is left
            os.write(self._pipe, line.encode())


def left_running(lines: Iterable[str]) -> dict[int, int]:
    """The stop signal of every process id that was reported and not taken back, once ``lines`` end."""
    running: dict[int, int] = {}
    for line in lines:
        if line.startswith("+"):
            pid, stop_signal = line[1:].split()
            running[int(pid)] = int(stop_signal)
        else:
            running.pop(int(line[1:]), None)
    return running


def end(running: dict[int, int], grace: float) -> None:
    """Ask the leaders to end, and kill a group when its leader has ended, or after ``grace`` seconds at most.

    Returns when all are gone.
    """
    for pid, stop_signal in running.items():
        _tell(pid, stop_signal)
    deadline = time.monotonic() + grace
    waiting = set(running)
    while waiting and time.monotonic() < deadline:
        waiting = {pid for pid in waiting if _tell(pid, 0)}
        for group in running.keys() - waiting:
            kill_group(group)
        time.sleep(0.05)
    for group in waiting:
        kill_group(group)
    deadline = time.monotonic() + KILL_TAKES
    while any(is_alive(group) for group in running) and time.monotonic() < deadline:
        time.sleep(0.05)


def _tell(pid: int, number: int) -> bool:
    """Send a signal, 0 for none. Returns whether there is such a process."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def is_alive(group: int) -> bool:
    """Whether the process group has a member."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def kill_group(group: int) -> None:
    """SIGKILL to every member of the process group, if there is one."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def main() -> None:
    """Wait for the end of the supervisor, then end what it left."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    end(left_running(sys.stdin), grace=float(sys.argv[1]))


if __name__ == "__main__":
    main()
