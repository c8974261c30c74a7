"""Processes as the kernel lists them."""

from pathlib import Path
from typing import NamedTuple


class Seen(NamedTuple):
    """A process; ``started`` tells it from a later one with the same id."""

    pid: int
    started: str


def descendants(pid: int) -> set[Seen]:
    """All processes below ``pid``, and itself."""
    parents = {child: parent for child in _pids() if (parent := _stat(child, 4))}
    found = {pid}
    while more := {child for child, parent in parents.items() if int(parent) in found} - found:
        found |= more
    return {Seen(one, started) for one in found if (started := _stat(one, 22))}


def left(seen: set[Seen]) -> set[str]:
    """The command lines of those that still run."""
    return {command(one.pid) for one in seen if _stat(one.pid, 22) == one.started and _stat(one.pid, 3) != "Z"}


def command(pid: int) -> str:
    """Its command line, empty where it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def mentioning(text: str) -> set[str]:
    """The command lines of all processes that carry ``text`` in their command line or environment."""
    return {command(pid) for pid in _pids() if _stat(pid, 3) != "Z" and text in command(pid) + _environment(pid)}


def _environment(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]


def _stat(pid: int, field: int) -> str:
    """A field of /proc/<pid>/stat, counted from 1 as in its manual; empty where the process is gone."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2]
    except OSError:
        return ""
    return after_name.split()[field - 3]
