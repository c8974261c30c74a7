"""The database of an installation, whether it runs or not."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import environ
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from soroka.backup.programs import BackupError
from soroka.embedded.environment import join_installation
from soroka.embedded.errors import StackError
from soroka.embedded.layout import data_folder
from soroka.embedded.lock import lock_home
from soroka.embedded.postgres import embedded_postgres

_ANSWERS_WITHIN, _ENDS_WITHIN = 60.0, 60.0


@dataclass(frozen=True, slots=True)
class Database:
    """A database that answers. address: without the password, for everybody to see with ps.  major: of its server."""

    address: str
    env: Mapping[str, str]
    major: int

    def connect(self) -> psycopg.Connection:
        """A connection in autocommit."""
        return psycopg.connect(self.address, password=self.env.get("PGPASSWORD"), autocommit=True)


@contextmanager
def open_database(*, new: bool) -> Iterator[Database]:
    """The database that the environment names, or that of SOROKA_HOME, which is started where it does not run.

    new: an empty data folder is given one.  Raises BackupError, and StackError.
    """
    try:
        join_installation()
    except StackError:
        if not new:
            raise
    url = environ.FileAwareEnv().str("DATABASE_URL", default="").strip()
    if url and (database := _answering(url)):
        yield database
    elif url and not _is_embedded(url):
        raise BackupError("PostgreSQL does not answer at DATABASE_URL: start it, or set DATABASE_URL to where it is.")
    else:
        yield from _served(data_folder())


def _answering(url: str) -> Database | None:
    parts = conninfo_to_dict(url)
    password = parts.pop("password", None)
    address = make_conninfo("", **parts)
    # The moment in the head of a file is told in the zone of whoever reads it.
    env = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"} | ({"PGPASSWORD": str(password)} if password else {})
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            return Database(address, env, connection.info.server_version // 10_000)
    except psycopg.OperationalError as error:
        if error.pgconn is not None and error.pgconn.used_password:
            raise BackupError(f"PostgreSQL refuses us: {error}") from error
        return None


def _is_embedded(url: str) -> bool:
    return str(conninfo_to_dict(url).get("host", "")).startswith("/")


def _served(home: Path) -> Iterator[Database]:
    lock_home(home)  # until this process ends
    postgres = embedded_postgres(home)
    program = postgres.program
    log = home / "log" / "postgres.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("ab") as output:
        server = subprocess.Popen(
            program.argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **program.options()
        )
    try:
        deadline = time.monotonic() + _ANSWERS_WITHIN
        while not postgres.is_ready():
            if server.poll() is not None or time.monotonic() > deadline:
                raise BackupError(f"PostgreSQL did not start; {log} says why.")
            time.sleep(0.05)
        if (database := _answering(postgres.url)) is None:
            raise BackupError(f"PostgreSQL does not answer; {log} says why.")
        yield database
    finally:
        server.send_signal(program.stop_signal)
        server.wait(_ENDS_WITHIN)
