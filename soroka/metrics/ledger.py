"""The figures of the ledger and of the broker, as they are at the moment of a scrape.

A statement for each group, by partial indexes or over small tables: what is sent already is never looked at. Every web
server tells the same, so that a rule takes the ``max`` of them.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import product

from django.conf import settings
from django.db import Error
from django.db.models import Count as Number
from django.db.models import Min
from django.db.models.functions import Now
from django.utils import timezone
from prometheus_client import Metric as Family
from prometheus_client.registry import Collector

from soroka.domain.lateness import BUCKETS
from soroka.metrics import catalogue
from soroka.metrics.families import family, lateness, plain
from soroka.models import ClientImport, Gateway, ImportState, Mailing, Meter
from soroka.models.gateway import GatewayState
from soroka.models.locks import PUMP
from soroka.models.meter import Counted
from soroka.models.restoration import is_held
from soroka.models.statement import run
from soroka.statistics.health import Service, services, signals
from soroka.statistics.work import queue

_COUNTERS = (
    (Counted.IMPORTS, catalogue.IMPORTS_ENDED, catalogue.RESULT),
    (Counted.BROUGHT, catalogue.BROUGHT, catalogue.WHY),
    (Counted.TASK_FAILURES, catalogue.TASK_FAILURES, catalogue.TASK),
)
_OPEN = (ImportState.WAITING, ImportState.QUEUED, ImportState.RUNNING)

# By the index batch_leased.
_LEASED = "SELECT gateway_id, count(*) FROM soroka_batch WHERE state = 1 GROUP BY gateway_id"
_PUMPS = """
SELECT count(*) FROM pg_locks
 WHERE locktype = 'advisory' AND classid = %(kind)s AND granted
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class Ledger(Collector):
    """What ``prometheus_client`` asks at each scrape. A store that is away leaves its figures out, and says so."""

    def collect(self) -> Iterator[Family]:
        """Every family of ``catalogue.LEDGER``."""
        yield from _services()
        try:
            figures = [*_queue(), *_gateways(), *_background()]
        except Error:
            yield plain(catalogue.DATABASE_UP, 0)
        else:
            yield plain(catalogue.DATABASE_UP, 1)
            yield from figures


def _services() -> Iterator[Family]:
    found = services()
    named = {"broker": found.broker, "worker": found.worker, "beat": found.beat}
    known = {(name,): float(state is Service.OK) for name, state in named.items() if state is not Service.UNKNOWN}
    yield family(catalogue.SERVICE_UP, known)
    yield family(catalogue.SIGNALS, {(name,): waiting for name, waiting in signals().items()})


def _queue() -> Iterator[Family]:
    waiting = queue()
    yield plain(catalogue.HELD, float(is_held()))
    yield plain(catalogue.DUE, waiting.due)
    yield plain(catalogue.DUE_BATCHES, waiting.due_batches)
    yield plain(catalogue.OVERDUE, waiting.overdue_seconds)
    yield plain(catalogue.IN_WORK, waiting.in_work)
    yield plain(catalogue.LATER, waiting.later)
    yield plain(catalogue.LOST_LEASES, waiting.expired_leases)
    yield plain(catalogue.PUMPS, run(_PUMPS, {"kind": PUMP})[0][0])
    yield plain(catalogue.PUMPS_LIMIT, settings.PUMPS)


def _gateways() -> Iterator[Family]:
    gateways = list(Gateway.objects.annotate(now=Now()))
    leased = dict(run(_LEASED, {}))
    yield family(catalogue.LEASED, {(gateway.name,): leased.get(gateway.pk, 0) for gateway in gateways})
    states = {(one.name, state.value): float(one.state is state) for one in gateways for state in GatewayState}
    yield family(catalogue.GATEWAY_STATE, states)
    yield family(catalogue.GATEWAY_TROUBLE, {(one.name,): one.trouble for one in gateways})
    pauses = {(one.name,): max((one.paused_until - one.now).total_seconds(), 0.0) for one in gateways}
    yield family(catalogue.GATEWAY_PAUSED, pauses)
    yield family(catalogue.GATEWAY_RATE, {(one.name,): one.rate for one in gateways if one.rate is not None})
    yield family(catalogue.GATEWAY_CONNECTIONS, {(one.name,): one.connections for one in gateways})
    yield from _counted({gateway.pk: gateway.name for gateway in gateways})


def _counted(names: dict[int, str]) -> Iterator[Family]:
    """What the meter has, and zeros for what did not happen yet. names: of the gateways, by id."""
    counted: dict[str, dict[tuple[str, ...], float]] = defaultdict(dict)
    for name, label, gateway_id, value in Meter.objects.values_list("name", "label", "gateway_id", "value"):
        at = names.get(gateway_id, "")
        counted[name][tuple(filter(None, (at, label)))] = value
    outcomes = dict.fromkeys(product(names.values(), catalogue.OUTCOME), 0.0)
    yield family(catalogue.OUTCOMES, outcomes | counted[Counted.OUTCOMES])
    yield family(catalogue.PLANNED, {(): 0.0} | counted[Counted.PLANNED])
    yield family(catalogue.LOCKOUTS, {(): 0.0} | counted[Counted.LOCKOUTS])
    for name, metric, labels in _COUNTERS:
        yield family(metric, dict.fromkeys(((label,) for label in labels), 0.0) | counted[name])
    buckets = counted[Counted.LATENESS]
    histograms = {
        gateway: ([buckets.get((gateway, str(place)), 0) for place in range(BUCKETS)], total)
        for (gateway,), total in counted[Counted.LATENESS_SUM].items()
    }
    yield lateness(catalogue.LATENESS, histograms)


def _background() -> Iterator[Family]:
    unplanned = Mailing.objects.filter(planned_at=None, cancelled_at=None)
    found = unplanned.aggregate(number=Number("id"), oldest=Min("created_at"))
    yield plain(catalogue.UNPLANNED, found["number"])
    age = (timezone.now() - found["oldest"]).total_seconds() if found["oldest"] else 0.0
    yield plain(catalogue.UNPLANNED_AGE, age)
    open_ = dict(ClientImport.objects.filter(state__in=_OPEN).values_list("state").annotate(Number("id")))
    yield family(catalogue.IMPORTS, {(state.value,): open_.get(state.value, 0) for state in _OPEN})
