"""A scratch stack: PostgreSQL, Valkey and the stub gateway in a temporary folder, all removed at the end.

What DATABASE_URL and REDIS_URL name is never touched: the environment is replaced before the settings are read.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from soroka.bench.errors import BenchError
from soroka.bench.waiting import wait_until
from soroka.embedded.layout import Layout
from soroka.embedded.logs import tail
from soroka.embedded.ports import HOST, free_port
from soroka.embedded.postgres import DURABLE, Postgres, embedded_postgres
from soroka.embedded.program import Program
from soroka.embedded.readiness import answers
from soroka.embedded.reaper import kill_group
from soroka.embedded.services import Services
from soroka.embedded.valkey import embedded_valkey

#: As durable as the service's own, with more room than PostgreSQL's defaults, which are made for a small machine.
#: ``full_page_writes`` is on by default and not named here, so that one measurement can switch it off.
SETTINGS = DURABLE | {"max_wal_size": "4GB", "checkpoint_timeout": "15min"}
#: Of the machine's memory, and at most so many bytes, for PostgreSQL's buffers.
BUFFERS_SHARE, MOST_BUFFERS = 4, 2 * 2**30
PUMPS = 2
READY_WITHIN = 60.0
#: Bytes that the database takes at full size, with its WAL.
FULL_SIZE = 16 * 2**30


@dataclass(frozen=True, slots=True)
class Scratch:
    """The running stack. Programs started with ``running`` see the same environment as this process."""

    home: Path
    postgres: Postgres
    postgres_pid: int
    gateway_pid: int
    gateway_url: str

    @property
    def services(self) -> Services:
        """The programs of the service, wired to this stack."""
        return Services(Layout(self.home, free_port(), free_port(), PUMPS), {})

    @contextmanager
    def running(self, program: Program, is_ready: Callable[[], bool] | None = None) -> Iterator[int]:
        """Run a program; yields its process id once it is ready. Raises BenchError where it does not become so."""
        with _started(program, self.home, is_ready or (lambda: True)) as process:
            yield process.pid


@contextmanager
def scratch(parent: Path | None, scale: float) -> Iterator[Scratch]:
    """A migrated, empty installation in a temporary folder of ``parent``, or of TMPDIR. Raises BenchError, StackError.

    scale: 1.0 needs ``FULL_SIZE`` bytes of disk.
    """
    with ExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="soroka-bench-", dir=parent))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        home.chmod(0o755)  # PostgreSQL may run as another user and must get to its own folder, which is closed
        _require_room(home, scale)
        postgres = embedded_postgres(home, {**SETTINGS, "shared_buffers": _buffers()})
        for folder in (postgres.folder, postgres.sockets):
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        server = stack.enter_context(_started(postgres.program, home, postgres.is_ready))
        valkey = embedded_valkey(home)
        stack.callback(shutil.rmtree, valkey.socket.parent, ignore_errors=True)
        stack.enter_context(_started(valkey.program, home, valkey.is_ready))
        gateway = stack.enter_context(_stub_gateway(home))
        _become(DATABASE_URL=postgres.url, REDIS_URL=valkey.url, GATEWAY_URL=gateway.url)
        _prepare()
        yield Scratch(home, postgres, server.pid, gateway.pid, gateway.url)


def _require_room(home: Path, scale: float) -> None:
    free = shutil.disk_usage(home).free
    if free < FULL_SIZE * scale:
        raise BenchError(
            f"{home.parent} has {free / 2**30:.1f} GB free and {FULL_SIZE * scale / 2**30:.1f} GB are needed; "
            "name a roomier folder with --folder, or measure less with --scale"
        )


def _buffers() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{min(memory // BUFFERS_SHARE, MOST_BUFFERS) // 2**20}MB"


@dataclass(frozen=True, slots=True)
class _Gateway:
    pid: int
    url: str


@contextmanager
def _stub_gateway(home: Path) -> Iterator[_Gateway]:
    """The simulated gateway, which answers at once and only counts."""
    port = free_port()
    argv = (sys.executable, "-m", "soroka", "simulate-gateway", f"--port={port}", "--no-record")
    program = Program("gateway", argv, dict(os.environ), cwd=Path.cwd())
    with _started(program, home, answers(port, "/livez")) as process:
        yield _Gateway(process.pid, f"http://{HOST}:{port}")


@contextmanager
def _started(program: Program, home: Path, is_ready: Callable[[], bool]) -> Iterator[subprocess.Popen[bytes]]:
    log = home / f"{program.name}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            program.argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **program.options()
        )
    try:
        wait_until(lambda: process.poll() is not None or is_ready(), f"{program.name} to start", READY_WITHIN)
        if process.poll() is not None:
            raise BenchError(f"{program.name} did not start. The end of its log:\n{tail(log)}")
        yield process
    finally:
        _stop(process, program)


def _stop(process: subprocess.Popen[bytes], program: Program) -> None:
    """End it, the mildest way first, with all its descendants."""
    for stop in program.stops:
        process.send_signal(stop.signal)
        with suppress(subprocess.TimeoutExpired):
            process.wait(stop.seconds)
    kill_group(process.pid)
    process.wait()


def _become(**env: str) -> None:
    """Make this process, and what it starts, part of the scratch installation."""
    ours = env | {
        "DJANGO_SETTINGS_MODULE": "soroka.config.settings",
        "SECRET_KEY": "a scratch installation needs a key of 32 bytes or more",
        "GATEWAY_TOKEN": "scratch",
        "SOROKA_ADMIN_PASSWORD": "scratch-password",
        "SOROKA_PUMPS": str(PUMPS),
        "LOG_LEVEL": "WARNING",
    }
    for name in [name for name in os.environ if name.endswith("_FILE") and name.removesuffix("_FILE") in ours]:
        del os.environ[name]
    os.environ.update(ours)


def _prepare() -> None:
    import django
    from django.conf import settings
    from django.core.management import call_command

    if settings.configured:
        raise BenchError("Django was set up before the benchmark: it must run in a process of its own")
    django.setup()
    call_command("prepare", verbosity=0)
