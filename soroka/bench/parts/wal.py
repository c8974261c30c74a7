"""Bytes of write-ahead log that settling a message takes, images of full pages left out."""

from collections.abc import Iterator

from soroka.bench import roles
from soroka.bench.bench import Bench, Part
from soroka.bench.crew import work
from soroka.bench.figures import Row, at_most
from soroka.bench.mailings import planned, require_delivered, set_gateway
from soroka.bench.server import wal_position, without_full_pages

_NAME = "wal"
_MESSAGES = 200_000
_TASKS = 64


def _measure(bench: Bench) -> Iterator[Row]:
    bench.notes.append(
        "wal: all that a pump writes from claim to close, measured with full_page_writes = off; "
        "growth shows it with the images, from a fresh checkpoint on."
    )
    set_gateway(kind=roles.INSTANT, connections=_TASKS)
    values = tuple(_bytes(bench) for _ in range(bench.runs))
    yield Row(_NAME, "settling, full-page images aside", "bytes/message", values, at_most(120))


def _bytes(bench: Bench) -> float:
    messages = bench.size(_MESSAGES)
    bench.step(f"planning {messages:,}")
    mailing = planned(messages)
    bench.step("delivering")
    with without_full_pages():
        before = wal_position()
        work(roles.pump, [()])
        written = wal_position() - before
    require_delivered(mailing, messages)
    return written / messages


PART = Part(_NAME, 2, _measure)
