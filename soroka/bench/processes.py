"""What the kernel says about processes: CPU seconds and memory. Linux only."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
# Fields of /proc/PID/stat after the name, counted from 0: parent; user and system time; the same of reaped children.
_PARENT, _OWN, _ALL = 1, slice(11, 13), slice(11, 15)


def tree(pid: int) -> set[int]:
    """The process and its descendants that are alive now."""
    parents = {child: int(stat[_PARENT]) for child, stat in _stats()}
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def cpu_of_tree(pid: int) -> float:
    """CPU seconds, user and system, of a process and its descendants, those that ended and were waited for included.

    Read it twice: the difference is what was used in between.
    """
    members = tree(pid)
    return sum(_seconds(stat[_ALL]) for one, stat in _stats() if one in members)


def peak_memory(pid: int | str = "self") -> int:
    """The most memory, bytes, that a process had resident (VmHWM); 0 where it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0)


def cpu_of_threads() -> dict[str, float]:
    """CPU seconds of this process's threads: ``loop`` for the main one, ``database``, and ``client`` for what is not
    Python's: the HTTP client has threads of its own. Others are left out.
    """
    python = {thread.native_id: thread.name for thread in threading.enumerate()}
    seconds = dict.fromkeys(("loop", "database", "client"), 0.0)
    for task in Path("/proc/self/task").iterdir():
        name = _thread_name(int(task.name), python)
        stat = _stat(task / "stat")
        if name in seconds and stat:
            seconds[name] += _seconds(stat[_OWN])
    return seconds


def _thread_name(thread: int, python: dict[int | None, str]) -> str:
    if thread == os.getpid():
        return "loop"
    return python.get(thread, "client").partition("_")[0]


def _stats() -> Iterator[tuple[int, list[str]]]:
    for path in Path("/proc").iterdir():
        if path.name.isdecimal() and (stat := _stat(path / "stat")):
            yield int(path.name), stat


def _stat(path: Path) -> list[str]:
    """The fields after the name, which may hold spaces; none where the process is gone."""
    try:
        return path.read_text().rpartition(") ")[2].split()
    except OSError:
        return []


def _seconds(ticks: list[str]) -> float:
    return sum(map(int, ticks)) / _TICKS
