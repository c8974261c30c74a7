"""A program of the stack: what to start, as whom, and how to ask it to end."""

import ctypes
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM, Signals
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
            "preexec_fn": end_with_parent(self.stop_signal),
            **as_account(self.account),
        }


def as_account(account: Account | None) -> dict[str, Any]:
    """Keyword arguments for ``subprocess`` that change the user, or none."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def end_with_parent(stop_signal: Signals) -> Callable[[], None] | None:
    """A ``preexec_fn`` that has the kernel send ``stop_signal`` when we end, however we end. Linux only.

    It must run after the change of user, which clears the setting; ``subprocess`` calls it there.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def set_death_signal() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:  # we ended before the setting took hold
            os._exit(1)

    return set_death_signal
