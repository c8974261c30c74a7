"""From POST /mailings to a planned mailing: a tenth of the clients, by tag and operator code."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from soroka.bench.bench import Bench, Part
from soroka.bench.clients import FIRST_CODE, TAGS, make_clients
from soroka.bench.errors import BenchError
from soroka.bench.figures import Row, at_most
from soroka.bench.mailings import TEXT, checkpoint, plan
from soroka.bench.server import wal_position
from soroka.demo.api import Api
from soroka.embedded.ports import HOST
from soroka.embedded.readiness import answers
from soroka.models import Mailing
from soroka.statistics.tally import counts

_NAME = "planning"
_CLIENTS = 10_000_000
#: A fifth of the clients have the tag, half of them one of the codes.
_FILTER = {"tags": [TAGS[0]], "operator_codes": list(range(FIRST_CODE, FIRST_CODE + 50))}
_SHARE = 10
#: How far the audience may be from a tenth, as a share of it.
_ABOUT = 0.2


@dataclass(frozen=True, slots=True)
class _Run:
    """Seconds until the request was answered and until all was planned; bytes of log a message."""

    request: float
    whole: float
    wal: float


def _measure(bench: Bench) -> Iterator[Row]:
    clients = bench.size(_CLIENTS)
    bench.step(f"making {clients:,} clients")
    make_clients(clients)
    services = bench.scratch.services
    port = services.layout.port
    with (
        bench.scratch.running(services.web().program, answers(port, "/livez")),
        Api(f"http://{HOST}:{port}") as api,
    ):
        api.log_in("admin", "scratch-password")
        runs = [_run(bench, api, clients) for _ in range(bench.runs)]
    words = f"{clients // _SHARE:,} of {clients:,} clients"
    yield Row(_NAME, f"{words}: the request answers", "s", tuple(run.request for run in runs), at_most(3))
    yield Row(_NAME, f"{words}: planned whole, from the request on", "s", tuple(run.whole for run in runs), at_most(10))
    yield Row(_NAME, "WAL, full-page images included", "bytes/message", tuple(run.wal for run in runs), at_most(300))


def _run(bench: Bench, api: Api, clients: int) -> _Run:
    bench.step(f"a tenth of {clients:,}")
    checkpoint()
    wal, began = wal_position(), time.perf_counter()
    answer = api.post("/mailings", _wish())
    answered = time.perf_counter()
    mailing = Mailing.objects.get(pk=answer["id"])
    plan(mailing)
    ended = time.perf_counter()
    written = wal_position() - wal
    messages = counts([mailing.pk])[mailing.pk].total
    if abs(messages - clients / _SHARE) > _ABOUT * clients / _SHARE:
        raise BenchError(f"the filter should take a tenth of {clients} clients and took {messages}")
    return _Run(answered - began, ended - began, written / messages)


def _wish() -> dict[str, Any]:
    """A mailing that nobody is due for while the benchmark runs."""
    start = datetime.now(UTC) + timedelta(days=30)
    return {
        "text": TEXT,
        "filter": _FILTER,
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(days=1)).isoformat(),
    }


PART = Part(_NAME, 1, _measure)
