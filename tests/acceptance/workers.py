"""Workers beside that of a stack: they share its database and its broker, and nothing else."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.acceptance.installation import ROOT, Installation


class Worker:
    """A running Celery worker, the leader of a process group of its own."""

    def __init__(self, process: subprocess.Popen, log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def said(self) -> str:
        """Its log."""
        return self._log.read_text()

    @property
    def ready(self) -> bool:
        """Whether it takes tasks."""
        assert self.process.poll() is None, self.said
        return " ready." in self.said

    def end(self, within: float, *, group: bool = False) -> None:
        """Ask it to end and wait for its last process, ``within`` seconds. group: ask each of its processes."""
        ask = os.killpg if group else os.kill
        ask(self.process.pid, signal.SIGTERM)
        assert self.process.wait(within) == 0, self.said


@contextmanager
def worker_beside(
    stack: Installation, home: Path, name: str, env: dict[str, str], code: Path = ROOT
) -> Iterator[Worker]:
    """A worker that was told nothing but what every host needs. env: the gateway, and more.  code: its checkout."""
    secrets = json.loads((stack.home / "secrets.json").read_text())
    told = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(code),
        "HOME": str(home),
        "DATABASE_URL": f"postgresql://soroka@/postgres?host={stack.home}/postgres/run",
        "REDIS_URL": f"unix://{stack.home}/valkey/run/valkey.sock",
        "SECRET_KEY": secrets["secret_key"],
        **env,
    }
    concurrency = int(env.get("SOROKA_PUMPS", "2")) + 2
    command = [sys.executable, "-m", "celery", "--app=soroka.config.celery", "worker", f"--concurrency={concurrency}"]
    log = home / f"{name}.log"
    with log.open("wb") as writing:
        process = subprocess.Popen(
            [*command, "--without-mingle", "--without-gossip", "--loglevel=info", f"--hostname={name}@%h"],
            cwd=home, env=told, stdout=writing, stderr=writing, start_new_session=True,
        )  # fmt: skip
    try:
        yield Worker(process, log)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(5)
