"""The programs of the stack: their command lines, how each is known to be ready, and how each is stopped."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from signal import SIGTERM

from soroka.embedded.child import Service
from soroka.embedded.layout import Layout
from soroka.embedded.ports import HOST
from soroka.embedded.postgres import Postgres
from soroka.embedded.program import Program, Stop
from soroka.embedded.readiness import always, answers
from soroka.embedded.valkey import Valkey

CELERY = ("celery", "--app=soroka.config.celery")
#: A warm shutdown ends within the pumps' last slice, about four seconds.
WARM = (Stop(SIGTERM, 6.0),)


def data_store(store: Postgres | Valkey) -> Service:
    """A store as a service. It is vital: what would go on without it is nothing."""
    return Service(store.program, store.is_ready, vital=True)


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that is a Python program. env: what each of them gets on top of our own environment."""

    layout: Layout
    env: Mapping[str, str]

    def python(self, name: str, *module: str, **env: str) -> Program:
        """A Python module with its arguments. env: what only this program gets."""
        environment = {"LOG_FORMAT": "json", **os.environ, "PYTHONUNBUFFERED": "1", **self.env, **env}
        return Program(name, (sys.executable, "-m", *module), environment, cwd=Path.cwd())

    def web(self) -> Service:
        """The API and the admin."""
        program = self.python(
            "web", "granian", "--interface=wsgi", f"--host={HOST}", f"--port={self.layout.port}", "--workers=1",
            "--blocking-threads=4", "--no-ws", "soroka.config.wsgi:application",
        )  # fmt: skip
        return Service(replace(program, stops=WARM), answers(self.layout.port, "/readyz"))

    def worker(self) -> Service:
        """The Celery worker: a process a pump, and one each for the clock, planning and imports."""
        program = self.python(
            "worker", *CELERY, "worker", "--task-events", "--without-mingle", "--without-gossip", "--loglevel=info",
            f"--concurrency={self.layout.pumps + 3}",
        )  # fmt: skip
        return Service(replace(program, stops=WARM), always)

    def beat(self) -> Service:
        """Celery beat, which rings every second."""
        schedule = self.layout.home / "beat-schedule"
        return Service(self.python("beat", *CELERY, "beat", f"--schedule={schedule}", "--pidfile="), always)

    def flower(self, login: str) -> Service:
        """Flower. login: ``user:password``."""
        port = self.layout.flower_port
        program = self.python(
            "flower", *CELERY, "flower", f"--address={HOST}", f"--port={port}", FLOWER_BASIC_AUTH=login
        )  # fmt: skip
        return Service(program, answers(port, "/healthcheck"))

    def simulator(self, port: int, options: tuple[str, ...], secret: str) -> Service:
        """The simulated gateway. options: of ``soroka simulate-gateway``.  secret: what its callers' tokens need."""
        program = self.python(
            "gateway", "soroka", "simulate-gateway", f"--port={port}", *options, SOROKA_SIMULATOR_SECRET=secret
        )  # fmt: skip
        return Service(program, answers(port, "/livez"))
