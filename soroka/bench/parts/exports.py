"""Files of many rows, fetched from the web server as a caller fetches them, and the memory that it took."""

import json
import os
import time
from collections.abc import Iterator
from urllib.request import Request, urlopen

from soroka.bench.bench import Bench, Part
from soroka.bench.clients import make_clients
from soroka.bench.closed import finished
from soroka.bench.errors import BenchError
from soroka.bench.figures import Row
from soroka.bench.processes import peak_memory, tree
from soroka.embedded.ports import HOST
from soroka.embedded.readiness import answers

_NAME = "exports"
_ROWS = 1_000_000
_PIECE = 1 << 16
#: Seconds that any single wait for our own server may last.
_WAIT = 60


def _measure(bench: Bench) -> Iterator[Row]:
    rows = bench.size(_ROWS)
    bench.step(f"making {rows:,} clients and as many messages")
    make_clients(rows)
    mailing = finished(rows)
    services = bench.scratch.services
    port = services.layout.port
    files = [("clients", "/clients/export"), ("messages", f"/mailings/{mailing.pk}/messages/export")]
    with bench.scratch.running(services.web().program, answers(port, "/livez")) as process:
        site = f"http://{HOST}:{port}"
        token = _token(site)
        for what, address in files:
            for kind in ("csv", "xlsx"):
                values = []
                for _ in range(bench.runs):
                    bench.step(f"{what} as {kind}")
                    values.append(_seconds(f"{site}{address}.{kind}", token))
                yield Row(_NAME, f"{rows:,} {what} or more as {kind}", "s", tuple(values))
        most = max(map(peak_memory, tree(process)))
    yield Row(_NAME, "most memory of a web process meanwhile", "MB", (most / 2**20,))


def _token(site: str) -> str:
    login = {"username": "admin", "password": os.environ["SOROKA_ADMIN_PASSWORD"]}
    request = Request(f"{site}/auth/token", json.dumps(login).encode(), {"Content-Type": "application/json"})  # noqa: S310
    with urlopen(request, timeout=_WAIT) as answer:  # noqa: S310
        return str(json.load(answer)["access"])


def _seconds(address: str, token: str) -> float:
    """How long it takes until the whole file is there."""
    began = time.perf_counter()
    request = Request(address, headers={"Authorization": f"Bearer {token}"})  # noqa: S310
    with urlopen(request, timeout=_WAIT) as answer:  # noqa: S310
        size = sum(map(len, iter(lambda: answer.read(_PIECE), b"")))
    if not size:
        raise BenchError(f"{address} is empty")
    return time.perf_counter() - began


PART = Part(_NAME, 5, _measure)
