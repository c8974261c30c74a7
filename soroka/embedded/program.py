"""A program of the stack: what to start, as whom, and how to ask it to end."""

import ctypes
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from signal import SIG_DFL, SIGTERM, Signals, signal
from typing import Any, NamedTuple

PR_SET_PDEATHSIG = 1


class Account(NamedTuple):
    """The user and group a program runs as, where that is not our own."""

    uid: int
    gid: int


class Stop(NamedTuple):
    """One step of ending a program: the signal, and the seconds it is given to heed it."""

    signal: Signals
    seconds: float


@dataclass(frozen=True, slots=True)
class Program:
    """A command line with its surroundings. Secrets belong in ``env``: everybody can read ``argv`` with ps.

    stops: what ends it, the mildest first; after the last it is killed with all its descendants.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path = Path("/")
    account: Account | None = None
    stops: tuple[Stop, ...] = (Stop(SIGTERM, 1.0),)

    @property
    def stop_signal(self) -> Signals:
        """The signal that ends it in order."""
        return self.stops[0].signal

    def options(self) -> dict[str, Any]:
        """Keyword arguments for ``subprocess.Popen`` and ``asyncio.create_subprocess_exec``.

        The program gets a session of its own, so that Ctrl-C reaches only the supervisor, and ends with us.
        Start it from the main thread: the kernel sends the death signal when the *thread* that forked ends.
        """
        return {
            "env": dict(self.env),
            "cwd": self.cwd,
            "start_new_session": True,
            "preexec_fn": heeding(self.stops),
            **as_account(self.account),
        }


def as_account(account: Account | None) -> dict[str, Any]:
    """Keyword arguments for ``subprocess`` that change the user, or none."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def heeding(stops: Sequence[Stop]) -> Callable[[], None]:
    """A ``preexec_fn``: the program heeds its stops, and the kernel sends the first when we end, however we end.

    That we are told to ignore a signal, as a shell does of SIGINT and SIGQUIT for what it starts by ``&``, would be
    inherited. The kernel sends on Linux only, and must be asked after the change of user, which clears the setting;
    ``subprocess`` calls this there.
    """
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    parent = os.getpid()

    def prepare() -> None:
        for stop in stops:
            signal(stop.signal, SIG_DFL)
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, int(stops[0].signal))
            if os.getppid() != parent:  # we ended before the setting took hold
                os._exit(1)

    return prepare
