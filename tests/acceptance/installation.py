"""A stack of our own, started as a user starts it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from soroka.demo.api import Api
from soroka.embedded.ports import HOST, free_port
from tests.acceptance.processes import Seen, command, descendants, left, mentioning

ROOT = Path(__file__).parents[2]
READY_WITHIN, STOPPED_WITHIN = 180.0, 10.0


class Installation:
    """A data folder and ports of its own; ``start`` may be called again after the end. env: more variables."""

    def __init__(self, **env: str) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="soroka-acceptance-"))
        self.home.chmod(0o755)  # root's PostgreSQL is another user and must get to its own folder in it
        self.port, self.flower_port = free_port(), free_port()
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "SOROKA_HOME": str(self.home),
            "PORT": str(self.port),
            "FLOWER_PORT": str(self.flower_port),
            "GATEWAY_NETWORKS": "127.0.0.0/8",
            **dict.fromkeys(
                ("THROTTLE_KEY", "THROTTLE_ADDRESS", "THROTTLE_REFUSED"), "0"
            ),  # all comes from one address
            **env,
        }
        #: The command, and the folder in which it is called.
        self.soroka, self.cwd = [sys.executable, "-m", "soroka"], ROOT
        self._terminal = self.home / "terminal"
        self.supervisor: subprocess.Popen | None = None

    def start(self, command: str = "up", **env: str) -> subprocess.Popen:
        """Run ``soroka <command>``."""
        with self._terminal.open("wb") as terminal:
            self.supervisor = subprocess.Popen(
                [*self.soroka, command], cwd=self.cwd, env=self.env | env, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=terminal, stderr=subprocess.STDOUT,
            )  # fmt: skip
        return self.supervisor

    def start_ready(self, command: str = "up") -> float:
        """Start and wait until it is ready. Returns the seconds that took."""
        began = time.monotonic()
        self.start(command)
        while "ready in" not in self.terminal:
            assert self.supervisor.poll() is None, self.terminal
            assert time.monotonic() < began + READY_WITHIN, self.terminal
            time.sleep(0.02)
        return time.monotonic() - began

    @property
    def terminal(self) -> str:
        """What was printed since the last start."""
        return self._terminal.read_text()

    def processes(self) -> set[Seen]:
        """Everything that runs now."""
        return descendants(self.supervisor.pid)

    def pid_of(self, *words: str) -> int:
        """The oldest process whose command line holds all ``words``."""
        return min(one.pid for one in self.processes() if all(word in command(one.pid) for word in words))

    def end(self, how: int, within: float = STOPPED_WITHIN) -> float:
        """Send the signal and wait until no process is left. Returns the seconds that took; fails after ``within``."""
        before = self.processes()
        began = time.monotonic()
        self.supervisor.send_signal(how)
        while remains := left(before) | mentioning(str(self.home)):
            self.supervisor.poll()
            assert time.monotonic() < began + within, remains
            time.sleep(0.05)
        self.supervisor.wait(5)
        return time.monotonic() - began

    def api(self) -> Api:
        """A caller that is logged in as the administrator."""
        api = Api(f"http://{HOST}:{self.port}")
        api.log_in("admin", json.loads((self.home / "secrets.json").read_text())["admin_password"])
        return api

    def run_python(self, program: str, **env: str) -> str:
        """Run a few lines with Django set up, on the data of this installation, which runs. Returns what they print."""
        argv = [*self.soroka, "manage", "shell", "-v", "0", "-c", program]
        done = subprocess.run(
            argv, cwd=self.cwd, env=self.env | env, check=True, timeout=60, stdout=subprocess.PIPE, text=True
        )
        return done.stdout

    def bear(self, connections: int) -> None:
        """Let every gateway take so many calls at once: a mailing lasts as long as a test needs, on any machine."""
        self.run_python(f"from soroka.models import Gateway; Gateway.objects.update(connections={connections})")

    def remove(self) -> None:
        """End it, however it is, and remove its data."""
        if self.supervisor and self.supervisor.poll() is None:
            self.end(signal.SIGTERM, READY_WITHIN)
        shutil.rmtree(self.home)
