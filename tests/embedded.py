"""A pytest plugin: a throw-away PostgreSQL and Valkey for the whole run, where none is named by the environment.

It must act before pytest-django reads the settings, hence a plugin named in ``addopts`` and the early hook.
The workers of xdist inherit the environment; each takes a Valkey database of its own.
"""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from soroka.embedded.postgres import Postgres, embedded_postgres
from soroka.embedded.valkey import Valkey, embedded_valkey

#: Nothing here must outlive a power cut, so no write waits for the disk.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "max_wal_size": "4GB",
    "autovacuum_naptime": "1h",
    "lock_timeout": "30s",  # `prepare` gives the installation's own to the role
}
SETTINGS = {
    "SECRET_KEY": "a key of the tests, long enough for HS256 and of no use to anybody",
    "SOROKA_ADMIN_PASSWORD": "the admin of the tests",
    # What is not about them would be throttled by what ran before it.
    "THROTTLE_KEY": "0",
    "THROTTLE_ADDRESS": "0",
    "THROTTLE_REFUSED": "0",
    "GATEWAY_NETWORKS": "127.0.0.0/8",
}


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config):
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        _take_own_valkey_database(int(worker.removeprefix("gw")) + 1)
        return
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return
    home = Path(tempfile.mkdtemp(prefix="soroka-test-"))
    home.chmod(0o755)  # the data folders in it are closed; PostgreSQL may run as another user and must get to its own
    early_config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    if not os.environ.get("DATABASE_URL"):
        postgres = embedded_postgres(home, FAST)
        early_config.add_cleanup(lambda: shutil.rmtree(postgres.folder, ignore_errors=True))
        _serve(early_config, postgres, "DATABASE_URL", home)
    if not os.environ.get("REDIS_URL"):
        _serve(early_config, embedded_valkey(home), "REDIS_URL", home)


def _serve(config: pytest.Config, store: Postgres | Valkey, variable: str, home: Path) -> None:
    program = store.program
    log = home / f"{program.name}.log"
    with log.open("ab") as output:
        server = subprocess.Popen(
            program.argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **program.options()
        )
    config.add_cleanup(lambda: _stop(server, program.stop_signal))
    deadline = time.monotonic() + 60
    while not store.is_ready():
        if server.poll() is not None or time.monotonic() > deadline:
            pytest.exit(f"the embedded {program.name} did not start:\n{log.read_text()}", returncode=3)
        time.sleep(0.02)
    os.environ[variable] = store.url


def _stop(server: subprocess.Popen[bytes], stop_signal: int) -> None:
    server.send_signal(stop_signal)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()


def _take_own_valkey_database(number: int) -> None:
    url = os.environ["REDIS_URL"]
    if url.startswith("unix://"):
        os.environ["REDIS_URL"] = f"{url}?db={number}"
