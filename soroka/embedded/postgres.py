"""An embedded PostgreSQL: its folder, its first initialisation, and the program that serves it."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGINT, SIGQUIT

from soroka.embedded.account import SHARED_FOLDER, can_enter, database_account
from soroka.embedded.binaries import major_version, postgres_bin
from soroka.embedded.errors import StackError
from soroka.embedded.program import Account, Program, Stop, as_account
from soroka.embedded.sockets import socket_folder

USER = "soroka"
#: The log says what failed, not with which values: a phone in a statement would outlive the client (ADR 20).
DISCREET = {"log_error_verbosity": "terse", "log_min_error_statement": "panic"}
DURABLE = {"fsync": "on", "synchronous_commit": "on"}


@dataclass(frozen=True, slots=True)
class Postgres:
    """A server on a unix socket only; who may enter its folder needs no password.

    folder: holds the data, owned by the account that runs the server.  settings: server parameters by name.
    """

    folder: Path
    sockets: Path
    bin: Path
    account: Account | None
    settings: Mapping[str, str] = field(default_factory=lambda: DURABLE)

    @property
    def data(self) -> Path:
        """The server's data directory."""
        return self.folder / "data"

    @property
    def url(self) -> str:
        """What DATABASE_URL should be."""
        return f"postgresql://{USER}@/postgres?host={self.sockets}"

    @property
    def program(self) -> Program:
        """The server. SIGINT ends it in order without waiting for its clients; SIGQUIT needs a recovery later."""
        settings = {"listen_addresses": "", "unix_socket_directories": str(self.sockets), "max_connections": "150"}
        options = [
            text for item in {**settings, **DISCREET, **self.settings}.items() for text in ("-c", "=".join(item))
        ]
        argv = (str(self.bin / "postgres"), "-D", str(self.data), *options)
        stops = (Stop(SIGINT, 2.0), Stop(SIGQUIT, 0.5))
        return Program("postgres", argv, _environment(), account=self.account, stops=stops)

    def is_ready(self) -> bool:
        """Whether the server takes connections now."""
        command = [str(self.bin / "pg_isready"), "-q", "-h", str(self.sockets), "-t", "2"]
        return subprocess.run(command, env=_environment(), check=False, timeout=10).returncode == 0

    def initialise(self) -> None:
        """Make the data directory if it is absent. Raises StackError, also where it cannot be served."""
        if self.data.exists():
            self._check_version()
            return
        making = self.folder / "data.making"  # renamed when whole: an interrupted start leaves no half of it
        shutil.rmtree(making, ignore_errors=True)
        command = [str(self.bin / "initdb"), "-D", str(making), "-U", USER, "--auth=trust", "-E", "UTF8"]
        done = subprocess.run(
            [*command, "--locale=C.UTF-8", "--no-instructions"],
            env=_environment(), cwd="/", capture_output=True, text=True, check=False, timeout=120,
            start_new_session=True, **as_account(self.account),
        )  # fmt: skip
        if done.returncode != 0:
            raise StackError(f"PostgreSQL could not make its data directory {self.data}:\n{done.stderr.strip()}")
        making.rename(self.data)

    def _check_version(self) -> None:
        try:
            made_by = int((self.data / "PG_VERSION").read_text())
        except PermissionError:
            raise StackError(f"{self.data} belongs to another user; start as that user or as root") from None
        found = major_version(self.bin, self.account)
        if made_by != found:
            raise StackError(
                f"{self.data} was made by PostgreSQL {made_by}, and {self.bin} holds PostgreSQL {found}. Set "
                f"SOROKA_PG_BIN to the bin folder of PostgreSQL {made_by}; to move to {found}, dump the data with "
                f"pg_dump {made_by}, move the folder away, start, and restore the dump."
            )


def embedded_postgres(home: Path, settings: Mapping[str, str] = DURABLE) -> Postgres:
    """The PostgreSQL of the data folder ``home`` (made if absent), initialised. Raises StackError.

    As root, where ``home`` is out of reach for the account that runs the server, its data is in a folder of
    /var/lib/soroka that belongs to this ``home``.
    """
    home.mkdir(parents=True, exist_ok=True)
    folder = home / "postgres"
    account = database_account(folder)
    if account and not can_enter(account, home):
        folder = SHARED_FOLDER / hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:12]
    bin_folder = postgres_bin(account)
    _owned_folder(folder, account)
    sockets = socket_folder(folder / "run")
    _owned_folder(sockets, account)
    postgres = Postgres(folder, sockets, bin_folder, account, settings)
    postgres.initialise()
    return postgres


def _owned_folder(folder: Path, account: Account | None) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        if account:
            os.chown(folder, *account)
    except PermissionError:
        raise StackError(f"{folder} belongs to another user; start as that user or as root") from None


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
