"""What Celery prefork and Django's surroundings cost a pump: the same pump as a task of a real worker, and alone."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from soroka.bench import roles
from soroka.bench.bench import Bench, Part
from soroka.bench.crew import work
from soroka.bench.figures import Row
from soroka.bench.mailings import planned, require_delivered, set_gateway
from soroka.bench.processes import cpu_of_tree, peak_memory, tree
from soroka.bench.waiting import wait_until
from soroka.domain.message import BatchState
from soroka.embedded.services import CELERY
from soroka.models import Batch, Mailing
from soroka.tasks import deliver

_NAME = "prefork"
_MESSAGES = 100_000
_CONNECTIONS = 100
_LONGEST = 300.0
_MB = 2**20


@dataclass(frozen=True, slots=True)
class _Cost:
    """messages/s; CPU in µs a message; peak memory in MB of the process that pumps and of its parent, if any."""

    rate: float
    cpu: float
    memory: float
    parent: float = 0.0


def _measure(bench: Bench) -> Iterator[Row]:
    set_gateway(kind="http_jwt", connections=_CONNECTIONS)
    worker = bench.scratch.services.python(
        "worker", *CELERY, "worker", "--task-events", "--without-mingle", "--without-gossip", "--concurrency=1",
        "--queues=delivery",
    )  # fmt: skip
    runs = []
    for _ in range(bench.runs):
        alone = _alone(bench)
        with bench.scratch.running(worker) as pid:
            wait_until(lambda: bool(deliver.app.control.ping(timeout=0.5)), "the Celery worker", 60)
            runs.append((alone, _as_task(bench, pid)))
    yield Row(_NAME, "bare pump", "messages/s", tuple(a.rate for a, _ in runs))
    yield Row(_NAME, "pump as a Celery task", "messages/s", tuple(b.rate for _, b in runs))
    yield Row(_NAME, "Celery task / bare pump", "ratio", tuple(b.rate / a.rate for a, b in runs))
    yield Row(_NAME, "CPU of the bare pump", "µs/message", tuple(a.cpu for a, _ in runs))
    yield Row(_NAME, "CPU of the Celery worker, its parent included", "µs/message", tuple(b.cpu for _, b in runs))
    yield Row(_NAME, "memory of the bare pump", "MB", tuple(a.memory for a, _ in runs))
    yield Row(_NAME, "memory of the worker's child that pumps", "MB", tuple(b.memory for _, b in runs))
    yield Row(_NAME, "memory of the worker's parent", "MB", tuple(b.parent for _, b in runs))


def _alone(bench: Bench) -> _Cost:
    messages = bench.size(_MESSAGES)
    mailing = planned(messages)
    bench.step("bare pump")
    crew = work(roles.pump, [()])
    require_delivered(mailing, messages)
    return _Cost(messages / crew.seconds, crew.cpu / messages * 1e6, crew.efforts[0].memory / _MB)


def _as_task(bench: Bench, pid: int) -> _Cost:
    messages = bench.size(_MESSAGES)
    mailing = planned(messages)
    bench.step("pump as a Celery task")
    cpu, began = cpu_of_tree(pid), time.perf_counter()
    deliver.delay()
    wait_until(lambda: _is_over(mailing), "the mailing to end", _LONGEST)
    seconds, cpu = time.perf_counter() - began, cpu_of_tree(pid) - cpu
    require_delivered(mailing, messages)
    child = max(peak_memory(one) for one in tree(pid) - {pid})
    return _Cost(messages / seconds, cpu / messages * 1e6, child / _MB, peak_memory(pid) / _MB)


def _is_over(mailing: Mailing) -> bool:
    return not Batch.objects.filter(mailing=mailing).exclude(state=BatchState.CLOSED).exists()


PART = Part(_NAME, 2, _measure)
