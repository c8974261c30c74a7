"""Every metric there is. docs/reference/metrics.md is written from here.

Labels hold names of gateways, routes and words of the code: nothing that grows with clients, mailings or messages.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """As Prometheus names them."""

    GAUGE = "gauge"
    COUNTER = "counter"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. name: as it is scraped, with the unit and, of a counter, ``_total``."""

    name: str
    kind: Kind
    words: str
    labels: tuple[str, ...] = ()

    @property
    def samples(self) -> tuple[str, ...]:
        """The names that a rule or a panel may ask for."""
        if self.kind is Kind.HISTOGRAM:
            return tuple(f"{self.name}_{part}" for part in ("bucket", "count", "sum"))
        return (self.name,)


#: The values of labels that are told as zero before the first of them happened: a rate has to see the step to one.
OUTCOME = ("accepted", "rejected", "deferred", "unknown")
RESULT = ("finished", "failed")
WHY = ("rescued", "expired", "moved")
TASK = ("deliver", "import_clients", "plan", "report", "tick")


def _gauge(name: str, words: str, *labels: str) -> Metric:
    return Metric(f"soroka_{name}", Kind.GAUGE, words, labels)


def _counter(name: str, words: str, *labels: str) -> Metric:
    return Metric(f"soroka_{name}_total", Kind.COUNTER, words, labels)


def _histogram(name: str, words: str, *labels: str) -> Metric:
    return Metric(f"soroka_{name}", Kind.HISTOGRAM, words, labels)


DATABASE_UP = _gauge(
    "database_up", "Whether PostgreSQL answered the scrape; without it the ledger's figures are absent"
)
SERVICE_UP = _gauge(
    "service_up",
    "1: there. 0: missing. Absent while nobody can tell, for another one is missing. `service`: broker, worker, beat",
    "service",
)
SIGNALS = _gauge(
    "signals_waiting", "Celery's signals that no worker has taken. `queue`: clock, delivery, planning", "queue"
)

HELD = _gauge("held", "1 while nothing is sent because what was restored from a backup is not released")
DUE = _gauge("queue_due_messages", "Messages that could be offered now, of what is not paused")
DUE_BATCHES = _gauge("queue_due_batches", "In how many batches they are")
OVERDUE = _gauge("queue_oldest_overdue_seconds", "For how long the first of them has waited")
IN_WORK = _gauge("queue_in_work_messages", "Messages of the batches that pumps hold")
LATER = _gauge("queue_later_messages", "Messages that are not due yet")
LOST_LEASES = _gauge("queue_expired_leases", "Batches whose pump has not been heard of; the next tick brings them back")
LEASED = _gauge("batches_leased", "Batches that pumps hold", "gateway")
PUMPS = _gauge("pumps_at_work", "Pumps at work now, over all workers")
PUMPS_LIMIT = _gauge("pumps_limit", "How many may be: `SOROKA_PUMPS`")

GATEWAY_STATE = _gauge(
    "gateway_state",
    "The breaker: 1 for the state that it is in. `state`: working, failing, stopped",
    "gateway",
    "state",
)
GATEWAY_TROUBLE = _gauge("gateway_failures_in_a_row", "How often in a row it had to be left alone", "gateway")
GATEWAY_PAUSED = _gauge("gateway_paused_seconds", "For how long it is still left alone", "gateway")
GATEWAY_RATE = _gauge(
    "gateway_rate_limit", "Messages a second that it may be asked; absent where there is no limit", "gateway"
)
GATEWAY_CONNECTIONS = _gauge("gateway_connections_limit", "Requests that it may have under way at once", "gateway")

OUTCOMES = _counter(
    "outcomes",
    "What gateways said to offered messages; the rate of it is the pace. "
    "`outcome`: accepted, rejected, deferred, unknown",
    "gateway",
    "outcome",
)
LATENESS = _histogram("lateness_seconds", "How late messages were when they were first offered", "gateway")

UNPLANNED = _gauge("mailings_unplanned", "Mailings whose audience is not planned whole")
UNPLANNED_AGE = _gauge("mailings_unplanned_oldest_seconds", "How long ago the oldest of them was made")
PLANNED = _counter("messages_planned", "Messages that planning made")
IMPORTS = _gauge("imports_open", "Imports that are not over. `state`: waiting (for a person), queued, running", "state")
IMPORTS_ENDED = _counter("imports_ended", "Imports that are over. `result`: finished, failed", "result")
BROUGHT = _counter(
    "batches_brought",
    "What the tick did with batches. `why`: rescued (a pump was not heard of any more), expired (the deadline passed), "
    "moved (to a fallback)",
    "why",
)
LOCKOUTS = _counter(
    "lockouts", "How often so many wrong passwords and codes came that none is looked at for a quarter of an hour"
)
TASK_FAILURES = _counter(
    "task_failures",
    "Celery's tasks that ended with an error. `task`: tick, deliver, plan, import_clients, report",
    "task",
)

REQUESTS = _counter(
    "http_requests",
    "Requests that the web server answered. `route`: the pattern of the address, `other` where there is none",
    "route",
    "method",
    "status",
)
REQUEST_SECONDS = _histogram("http_request_seconds", "In how long, until the answer began", "route", "method")

LEDGER = (
    DATABASE_UP, SERVICE_UP, SIGNALS, HELD, DUE, DUE_BATCHES, OVERDUE, IN_WORK, LATER, LOST_LEASES, LEASED, PUMPS,
    PUMPS_LIMIT, GATEWAY_STATE, GATEWAY_TROUBLE, GATEWAY_PAUSED, GATEWAY_RATE, GATEWAY_CONNECTIONS, OUTCOMES, LATENESS,
    UNPLANNED, UNPLANNED_AGE, PLANNED, IMPORTS, IMPORTS_ENDED, BROUGHT, LOCKOUTS,
    TASK_FAILURES,
)  # fmt: skip
WEB = (REQUESTS, REQUEST_SECONDS)
