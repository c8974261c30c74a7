"""Whether a message costs the same at 1,000,000 as at 100,000. The gateway answers at once: HTTP would blur it."""

from collections.abc import Iterator
from dataclasses import dataclass

from soroka.bench import roles
from soroka.bench.bench import Bench, Part
from soroka.bench.crew import work
from soroka.bench.figures import Row, at_most
from soroka.bench.mailings import planned, require_delivered, set_gateway
from soroka.bench.server import cpu_seconds, full_page_images, wal_position

_NAME = "growth"
_SMALL, _LARGE = 100_000, 1_000_000
_TASKS = 64
_MB = 2**20
#: What a small scale may read as nothing: the kernel counts CPU time in hundredths of a second.
_LEAST = 0.001


@dataclass(frozen=True, slots=True)
class _Cost:
    """What a message took: CPU in µs, log in bytes; memory of the pump in MB."""

    pump: float
    server: float
    wal: float
    images: float
    memory: float


#: A name, its unit, the field of a cost, and whether it may grow by a tenth at most.
_COSTS = (
    ("CPU of the pump", "µs/message", "pump", True),
    ("CPU of PostgreSQL", "µs/message", "server", True),
    ("WAL, full-page images included", "bytes/message", "wal", True),
    ("full-page images", "a 1,000 messages", "images", False),
    ("memory of the pump", "MB", "memory", True),
)


def _measure(bench: Bench) -> Iterator[Row]:
    set_gateway(kind=roles.INSTANT, connections=_TASKS)
    runs = [(_cost(bench, _SMALL), _cost(bench, _LARGE)) for _ in range(bench.runs)]
    for name, unit, field, bounded in _COSTS:
        small = tuple(float(getattr(cost, field)) for cost, _ in runs)
        large = tuple(float(getattr(cost, field)) for _, cost in runs)
        yield Row(_NAME, f"{name}, {bench.size(_SMALL):,}", unit, small)
        most = at_most(150) if field == "memory" else None
        yield Row(_NAME, f"{name}, {bench.size(_LARGE):,}", unit, large, most)
        if bounded:
            ratios = tuple(b / max(a, _LEAST) for a, b in zip(small, large, strict=True))
            yield Row(_NAME, f"{name}, growth", "ratio", ratios, at_most(1.1))


def _cost(bench: Bench, full: int) -> _Cost:
    messages = bench.size(full)
    bench.step(f"planning {messages:,}")
    mailing = planned(messages)
    bench.step(f"delivering {messages:,}")
    server = bench.scratch.postgres_pid
    images, wal, cpu = full_page_images(), wal_position(), cpu_seconds(server)
    crew = work(roles.pump, [()])
    cpu, wal = cpu_seconds(server) - cpu, wal_position() - wal
    images = full_page_images() - images
    require_delivered(mailing, messages)
    memory = crew.efforts[0].memory / _MB
    return _Cost(crew.cpu / messages * 1e6, cpu / messages * 1e6, wal / messages, images / messages * 1000, memory)


PART = Part(_NAME, 4, _measure)
