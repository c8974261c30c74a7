"""The real stack, program by program, so that each of them can be killed, kept away and started again."""

import asyncio
import os
import shutil
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from signal import SIGTERM

from soroka.embedded.child import Child, Service
from soroka.embedded.credentials import load_credentials
from soroka.embedded.errors import StackError
from soroka.embedded.layout import Layout
from soroka.embedded.logs import tail
from soroka.embedded.ports import HOST, free_port
from soroka.embedded.postgres import embedded_postgres
from soroka.embedded.program import Program, Stop
from soroka.embedded.reaper import Reaper
from soroka.embedded.services import Services, data_store
from soroka.embedded.sockets import socket_folder
from soroka.embedded.valkey import embedded_valkey
from soroka.prove.points import VARIABLE, Points
from soroka.prove.simulator import SECRET, Simulator
from soroka.prove.waiting import until

READY_WITHIN = 60.0
WORKER = "worker"


class Stack:
    """PostgreSQL, Valkey, web, worker and beat on a data folder of their own.

    authority: PEM file of the certificates that the worker trusts.  Every method raises StackError or TooLong.
    """

    def __init__(self, home: Path, reaper: Reaper, *, lease: float, pumps: int, authority: Path) -> None:
        self.home = home
        self.pumps = pumps
        self.lease = lease
        self._reaper = reaper
        self._credentials = load_credentials(home)
        self.postgres = embedded_postgres(home)
        self.valkey = embedded_valkey(home)
        self.points = Points(home / "points", make=True)
        self.layout = Layout(home=home, port=free_port(), flower_port=0, pumps=pumps)
        self.env = {
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "SECRET_KEY": self._credentials.secret_key,
            "GATEWAY_KEYS": self._credentials.gateway_key,
            "GATEWAY_URL": "",
            "GATEWAY_NETWORKS": f"{HOST}/32",
            "GATEWAY_TOKEN": "",
            "PGAPPNAME": "web",  # the only one who keeps it: processes of the worker name their sessions themselves
            "SOROKA_LEASE_SECONDS": f"{lease:g}",
            "SOROKA_PUMPS": str(pumps),
            "SSL_CERT_FILE": str(authority),
            VARIABLE: str(home / "points"),
        }
        self._services = Services(self.layout, self.env)
        self._running: dict[str, tuple[Service, Child]] = {}
        self._aside: list[Child] = []
        (home / "log").mkdir(exist_ok=True)

    @property
    def url(self) -> str:
        """Of the API."""
        return f"http://{HOST}:{self.layout.port}"

    @property
    def admin_password(self) -> str:
        """Of the user ``admin``."""
        return self._credentials.admin_password

    async def start(self) -> None:
        """Start everything, from an empty folder to a ready service."""
        await self._launch(data_store(self.postgres))
        await self._launch(data_store(self.valkey))
        await self._prepare()
        await self._launch(self.worker())
        await self._launch(self._services.beat())
        await self._launch(self._services.web())

    def worker(self, name: str = WORKER, module: str = "celery", **env: str) -> Service:
        """A Celery worker whose pumps can be killed. module: what starts Celery.  env: what only this one gets."""
        program = self._services.python(
            name, module, "--app=soroka.prove.worker", "worker", "--task-events", "--without-mingle",
            "--without-gossip", "--loglevel=info", f"--hostname={name}@%h", f"--concurrency={self.pumps + 3}", **env,
        )  # fmt: skip
        return Service(replace(program, stops=(Stop(SIGTERM, 6.0),)), lambda: True)

    def simulator(self, name: str) -> Simulator:
        """A gateway with a record of its own; it is not started yet."""
        record, port = self.home / f"{name}.record", free_port()
        program = self._services.python(
            name, "soroka", "simulate-gateway", f"--port={port}", f"--record={record}", SOROKA_SIMULATOR_SECRET=SECRET
        )
        child = self._child(program)
        self._aside.append(child)
        return Simulator(child, port, record)

    # --- What is done to its programs --------------------------------------------------------------------------------

    def pid(self, name: str) -> int:
        """Of the main process of a program that runs."""
        return self._running[name][1].pid

    def pid_or_none(self, name: str) -> int | None:
        """The same, None while it does not run."""
        child = self._running[name][1]
        return child.pid if child.is_running else None

    async def kill(self, name: str) -> None:
        """SIGKILL to a program and all its children."""
        child = self._running[name][1]
        with suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)
        await child.ended()

    async def ended(self, name: str) -> None:
        """Wait for the end of a program that was killed. Raises TooLong."""
        child = self._running[name][1]

        async def is_over() -> bool:
            return not child.is_running

        await until(is_over, 10, f"{name} has ended")
        await child.stop()  # what it left behind

    async def stop(self, name: str) -> None:
        """End a program in order."""
        await self._running[name][1].stop()

    async def again(self, name: str) -> None:
        """Start a program that has ended, and wait until it is ready."""
        service, child = self._running[name]
        await child.start()
        await self._ready(service, child)

    async def launch(self, service: Service) -> None:
        """Start one more program and wait until it is ready."""
        await self._launch(service)

    async def recovered_postgres(self, look: Callable[[str], Awaitable[None]]) -> None:
        """Start PostgreSQL on a private socket, let ``look`` read there by its URL, and end it: nobody noticed."""
        sockets = socket_folder(self.home / "aside")
        if self.postgres.account:
            os.chown(sockets, *self.postgres.account)
        aside = replace(self.postgres, sockets=sockets)
        child = self._child(replace(aside.program, name="postgres-aside"))
        await child.start()
        await self._ready(data_store(aside), child)
        await look(aside.url)
        await child.stop()

    def forget_valkey(self) -> None:
        """Remove the data folder of a Valkey that does not run."""
        for path in self.valkey.folder.iterdir():
            if path.name != "run":
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    async def end(self) -> None:
        """End everything, what was started last first."""
        await asyncio.gather(*(child.stop() for child in self._aside))
        for _, child in reversed(self._running.values()):
            await child.stop()

    async def _prepare(self) -> None:
        program = self._services.python(
            "prepare", "soroka", "manage", "prepare", SOROKA_ADMIN_PASSWORD=self.admin_password
        )  # fmt: skip
        child = self._child(program)
        await child.start()
        if await child.ended() != 0:
            raise self._fault(program, "could not prepare the database")

    async def _launch(self, service: Service) -> None:
        child = self._child(service.program)
        self._running[service.program.name] = (service, child)
        await child.start()
        await self._ready(service, child)

    async def _ready(self, service: Service, child: Child) -> None:
        """A server that finds the remains of its killed forerunner ends at once: it is started until it stays."""

        async def is_ready() -> bool:
            if not child.is_running:
                await child.stop()
                await child.start()
            return await asyncio.to_thread(service.is_ready)

        try:
            await until(is_ready, READY_WITHIN, f"{service.program.name} is ready")
        except Exception as error:
            raise self._fault(service.program, str(error)) from error

    def _child(self, program: Program) -> Child:
        return Child(program, self.home / "log" / f"{program.name}.log", self._reaper)

    def _fault(self, program: Program, what: str) -> StackError:
        return StackError(f"{program.name}: {what}. The end of its log:\n{tail(self.home / 'log' / program.name)}")


def trusted(environment: Mapping[str, str]) -> bytes:
    """The certificates that the system's OpenSSL would trust as a bundle, empty where there is none."""
    for path in (environment.get("SSL_CERT_FILE", ""), "/etc/ssl/certs/ca-certificates.crt"):
        if path and Path(path).is_file():
            return Path(path).read_bytes()
    return b""
