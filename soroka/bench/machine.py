"""Where and with what it was measured: half of every figure."""

import os
import platform
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median

PACKAGES = ("pyreqwest", "uvloop", "httptools", "psycopg", "django", "celery", "granian")
SERVER = (
    "fsync", "synchronous_commit", "full_page_writes", "wal_compression", "shared_buffers", "max_wal_size",
    "checkpoint_timeout", "autovacuum", "jit",
)  # fmt: skip
#: Processes that want a core, on average over the last minute, above which a machine is not quiet.
QUIET = 0.5
_SYNCS, _BLOCK = 50, 8192


def machine(folder: Path) -> dict[str, str]:
    """The hardware, and the disk under ``folder``."""
    memory = int(_line("/proc/meminfo", "MemTotal").split()[0]) / 2**20
    return {
        "CPU": _line("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory:.0f} GB",
        "kernel": platform.release(),
        "file system": _file_system(folder),
        "fdatasync": f"{_sync_seconds(folder) * 1e6:.0f} µs",
        "load before": f"{os.getloadavg()[0]:.2f}",
    }


def versions() -> dict[str, str]:
    """Of Soroka, Python, the servers and the packages that count."""
    import redis
    from django.conf import settings
    from django.db import connection

    valkey = redis.Redis.from_url(settings.REDIS_URL).info("server")
    connection.ensure_connection()
    server = divmod(connection.connection.info.server_version, 10000)
    return {
        "soroka": str(settings.SPECTACULAR_SETTINGS["VERSION"]),
        "Python": platform.python_version(),
        "PostgreSQL": f"{server[0]}.{server[1]}",
        "Valkey": str(valkey.get("valkey_version") or valkey["redis_version"]),
    } | {package: version(package) for package in PACKAGES}


def server_settings() -> dict[str, str]:
    """What of PostgreSQL's and the service's settings moves the figures."""
    from django.conf import settings
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY(%s)", [list(SERVER)])
        found: dict[str, str] = dict(cursor.fetchall())
    ours = {"pumps": str(settings.PUMPS), "lease": f"{settings.LEASE_SECONDS:g} s"}
    return {name: found[name] for name in SERVER} | ours


def _line(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return ""


def _file_system(folder: Path) -> str:
    """The type of the file system that holds ``folder``: figures of a tmpfs say nothing about a disk."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    holding = [(point, kind) for point, kind in mounts if folder.is_relative_to(point)]
    return max(holding, key=lambda mount: len(mount[0]))[1] if holding else "unknown"


def _sync_seconds(folder: Path) -> float:
    """The median time of writing a block and waiting until the disk has it."""
    path = folder / "sync"
    took = []
    with path.open("wb", buffering=0) as file:
        for _ in range(_SYNCS):
            began = time.perf_counter()
            file.write(bytes(_BLOCK))
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - began)
    path.unlink()
    return median(took)
