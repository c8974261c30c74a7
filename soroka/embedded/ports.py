"""Ports on the loopback interface."""

import errno
import socket

from soroka.embedded.errors import StackError

HOST = "127.0.0.1"


def require_free(port: int, variable: str) -> None:
    """Raises StackError, naming the environment variable to change, where somebody listens on ``port``."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what an ended server left behind is no obstacle
        try:
            probe.bind((HOST, port))
        except OSError as error:
            why = "is busy" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
            raise StackError(f"port {port} {why}; set {variable} to another one") from error


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
