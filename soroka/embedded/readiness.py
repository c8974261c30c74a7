"""Whether a service answers over HTTP."""

import http.client
from collections.abc import Callable
from functools import partial
from http import HTTPStatus

from soroka.embedded.ports import HOST


def answers(port: int, path: str) -> Callable[[], bool]:
    """A check that ``GET path`` on this machine is a 200 within a few seconds. It raises nothing."""
    return partial(_is_ok, port, path)


def _is_ok(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=3)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def always() -> bool:
    """The check of what has no address: another service's readiness shows its own."""
    return True
