"""A PgBouncer of our own before a database of our own, by the configuration that the documentation gives."""

import os
import re
import shutil
import subprocess
import tempfile
from configparser import ConfigParser
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from soroka.embedded.account import database_account
from soroka.embedded.ports import HOST, free_port
from soroka.embedded.program import as_account
from tests.acceptance.installation import ROOT

PROGRAM = Path("/usr/sbin/pgbouncer")
NAME = "soroka"


class PgBouncer:
    """A running PgBouncer. pool_size: connections to PostgreSQL that it opens at most."""

    def __init__(self, pool_size: int) -> None:
        self._server = os.environ["DATABASE_URL"]
        self._database = f"bounced_{os.getpid()}"
        self._port = free_port()
        self._on_server(f"CREATE DATABASE {self._database}")
        self._folder = Path(tempfile.mkdtemp(prefix="soroka-pgbouncer-"))
        self._folder.chmod(0o755)  # it refuses to run as root, and another user must get to its file
        self._process = self._start(pool_size)

    @property
    def url(self) -> str:
        """What DATABASE_URL should be."""
        return f"postgresql://{NAME}@{HOST}:{self._port}/{NAME}"

    @property
    def direct_url(self) -> str:
        """The way past it."""
        return urlsplit(self._server)._replace(path=f"/{self._database}").geturl()

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            psycopg.connect(self.url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def reconnect(self) -> None:
        """Have it replace its connections to the server."""
        with psycopg.connect(urlsplit(self.url)._replace(path="/pgbouncer").geturl(), autocommit=True) as console:
            console.execute("RECONNECT")

    def end(self) -> None:
        """End it, and drop the database."""
        self._process.terminate()
        self._process.wait(10)
        shutil.rmtree(self._folder)
        self._on_server(f"DROP DATABASE {self._database} WITH (FORCE)")

    def _start(self, pool_size: int) -> "subprocess.Popen[bytes]":
        file = self._folder / "pgbouncer.ini"
        with file.open("w") as text:
            self._settings(pool_size).write(text)
        return subprocess.Popen(
            [PROGRAM, "-q", str(file)], cwd="/", stdin=subprocess.DEVNULL, **as_account(database_account(self._folder))
        )

    def _settings(self, pool_size: int) -> ConfigParser:
        """What docs/operations/scaling.md says, but for the addresses, the login and the size."""
        [block] = re.findall(r"```ini\n(.*?)```", (ROOT / "docs" / "operations" / "scaling.md").read_text(), re.DOTALL)
        settings = ConfigParser(interpolation=None)
        settings.read_string(block)
        server = conninfo_to_dict(self._server)
        known = ("host", "port", "user", "password")
        parts = [f"{name}={server[name]}" for name in known if server.get(name)]
        settings["databases"][NAME] = " ".join([*parts, f"dbname={self._database}"])
        settings["pgbouncer"].update({
            "listen_addr": HOST,
            "listen_port": str(self._port),
            "unix_socket_dir": "",
            "auth_type": "any",
            "admin_users": NAME,
            "default_pool_size": str(pool_size),
        })  # fmt: skip
        del settings["pgbouncer"]["auth_file"]
        return settings

    def _on_server(self, statement: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(statement)
