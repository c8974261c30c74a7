"""How late the first batch of each zone leaves where all are due at the same second; worker and beat are real."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import F, Max, Min

from soroka.bench.bench import Bench, Part
from soroka.bench.clients import make_clients
from soroka.bench.errors import BenchError
from soroka.bench.figures import Row, at_most, quantile
from soroka.bench.mailings import planned, set_gateway
from soroka.bench.waiting import wait_until
from soroka.domain.message import BatchState
from soroka.models import Batch, Mailing, Message
from soroka.models.clock import database_now
from soroka.statistics import health

_NAME = "punctuality"
_MESSAGES = 200_000
_CONNECTIONS = 100
#: Seconds from the creation of a mailing to its start: it must be planned by then.
_LEAD = 12
_LONGEST = 300.0


def _measure(bench: Bench) -> Iterator[Row]:
    messages = bench.size(_MESSAGES)
    make_clients(messages)
    set_gateway(kind="http_jwt", connections=_CONNECTIONS)
    services = bench.scratch.services
    with bench.scratch.running(services.worker().program), bench.scratch.running(services.beat().program):
        wait_until(lambda: "worker" not in health.missing(), "worker and beat", 60)
        runs = [_run(bench, messages) for _ in range(bench.runs)]
    words = f"{messages:,} due at once over 11 zones"
    firsts = tuple(quantile(first, 0.99) for first, _ in runs)
    yield Row(_NAME, f"{words}: p99 of a zone's first offer", "s late", firsts, at_most(1.5))
    yield Row(_NAME, f"{words}: the last one settled", "s late", tuple(last for _, last in runs))


def _run(bench: Bench, messages: int) -> tuple[list[float], float]:
    """How late, in seconds, each zone's first batch was offered, and the last message of all was settled."""
    bench.step(f"planning {messages:,}")
    start = database_now().replace(microsecond=0) + timedelta(seconds=_LEAD)
    mailing = planned(messages, starts_at=start)
    if database_now() >= start:
        raise BenchError(f"planning {messages} messages took longer than the {_LEAD} s until they are due")
    bench.step("waiting for the moment")
    wait_until(lambda: not _open(mailing), "the mailing to end", _LEAD + _LONGEST)
    zones = Batch.objects.filter(mailing=mailing).values("zone")
    first = [one["late"].total_seconds() for one in zones.annotate(late=Min(F("first_offered_at") - F("due_at")))]
    last = Message.objects.filter(mailing=mailing).aggregate(at=Max("settled_at"))["at"]
    return first, (last - start).total_seconds()


def _open(mailing: Mailing) -> bool:
    return Batch.objects.filter(mailing=mailing).exclude(state=BatchState.CLOSED).exists()


PART = Part(_NAME, 2, _measure)
