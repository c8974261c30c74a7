"""One stack a data folder. Two Valkey servers on one folder would damage its file, and nothing else stops them."""

import fcntl
import os
import time
from pathlib import Path

from soroka.embedded.errors import StackError

#: Seconds that what is left of a killed stack may take to end; the reaper needs less.
LONGEST_END = 12.0


def lock_home(home: Path) -> int:
    """Take the data folder for this process. Returns the descriptor to hand to the reaper, which keeps the folder
    locked until nothing of the stack is left. Raises StackError where another stack runs on it.
    """
    supervisor = _open(home / "supervisor.lock")
    if not _taken(supervisor):
        other = os.pread(supervisor, 20, 0).decode() or "unknown"
        raise StackError(
            f"Soroka already runs on {home} (process {other}). Stop it first, or set SOROKA_HOME to another folder "
            "and PORT and FLOWER_PORT to free ports."
        )
    os.ftruncate(supervisor, 0)
    os.pwrite(supervisor, str(os.getpid()).encode(), 0)
    stack = _open(home / "stack.lock")
    deadline = time.monotonic() + LONGEST_END
    while not _taken(stack):
        if time.monotonic() > deadline:
            raise StackError(f"a stack that was killed on {home} still has not ended; look for its processes with ps")
        time.sleep(0.1)
    return stack


def _open(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StackError(f"cannot use the data folder {path.parent}: {error.strerror}; set SOROKA_HOME") from error


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
