"""The named points at which a pump is killed, and the shared memory by which the prover arms one of them.

A worker of the prover looks there; the product knows nothing of it. Layout: the armed point, whether the whole worker
is meant, how many passes are left; who died there; then the process ids of the pumps that are at work.
"""

import fcntl
import mmap
import os
import signal
import struct
from enum import IntEnum
from pathlib import Path

VARIABLE = "SOROKA_PROVE_POINTS"
_HEAD = struct.Struct("=BBI")
_PID = struct.Struct("=i")
_FALLEN_AT = 8
_SEATS, _FIRST_SEAT = 64, 16
_SIZE = _FIRST_SEAT + _SEATS * _PID.size


class Point(IntEnum):
    """Where in its work a pump dies."""

    AFTER_CLAIM = 1
    AFTER_OFFER = 2
    IN_SLICE = 3
    AFTER_REPLY = 4
    DURING_SETTLE = 5

    @property
    def words(self) -> str:
        """For a person."""
        return self.name.lower().replace("_", " ")


class Points:
    """One end of the shared memory. make: the prover's end, which makes the file."""

    def __init__(self, path: Path, *, make: bool = False) -> None:
        if make:
            path.write_bytes(bytes(_SIZE))
        self._file = path.open("r+b")
        self._memory = mmap.mmap(self._file.fileno(), _SIZE)

    # --- The prover's side -------------------------------------------------------------------------------------------

    def arm(self, point: Point, passes: int, *, whole: bool) -> None:
        """The ``passes``-th pump that passes ``point`` dies, with its whole worker where ``whole``; once."""
        _HEAD.pack_into(self._memory, 0, point, whole, passes)

    def disarm(self) -> None:
        """Nobody is to die any more."""
        _HEAD.pack_into(self._memory, 0, 0, False, 0)

    @property
    def armed(self) -> bool:
        """Whether a point is armed and nobody has died there yet."""
        return self._memory[0] != 0

    @property
    def fallen(self) -> int:
        """The process id of the pump that died at an armed point last, 0 before the first."""
        return int(_PID.unpack_from(self._memory, _FALLEN_AT)[0])

    def pumps(self) -> list[int]:
        """The process ids of the pumps that are at work now; one that was killed at it may still be listed."""
        seats = (_PID.unpack_from(self._memory, at)[0] for at in _seats())
        return [pid for pid in seats if pid and _lives(pid)]

    # --- The worker's side -------------------------------------------------------------------------------------------

    def enter(self) -> int:
        """Take a seat as a pump at work; returns it."""
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            for at in _seats():
                pid = _PID.unpack_from(self._memory, at)[0]
                if not pid or not _lives(pid):
                    _PID.pack_into(self._memory, at, os.getpid())
                    return at
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        raise RuntimeError("more pumps at work than the prover can list")

    def leave(self, seat: int) -> None:
        """Give the seat back."""
        _PID.pack_into(self._memory, seat, 0)

    def passed(self, point: Point) -> None:
        """Die here if it is our turn."""
        if self._memory[0] != point:
            return
        fcntl.flock(self._file, fcntl.LOCK_EX)  # dies with us
        armed, whole, passes = _HEAD.unpack_from(self._memory, 0)
        if armed == point and passes > 1:
            _HEAD.pack_into(self._memory, 0, armed, whole, passes - 1)
        elif armed == point:
            _PID.pack_into(self._memory, _FALLEN_AT, os.getpid())
            self.disarm()
            if whole:
                os.killpg(os.getpgrp(), signal.SIGKILL)
            os.kill(os.getpid(), signal.SIGKILL)
        fcntl.flock(self._file, fcntl.LOCK_UN)


def _seats() -> range:
    return range(_FIRST_SEAT, _SIZE, _PID.size)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
