"""The page of metrics, of the catalogue: `make reference` writes it into docs/reference."""

from collections.abc import Iterable

from soroka.metrics.catalogue import LEDGER, WEB, Metric

_HEAD = """# Metrics

Written by `make reference`; a test fails where it is not what the code says.

`GET /metrics` of the web server, with `Authorization: Bearer` and the token that `METRICS_TOKEN` holds; without one the
page is not there. [running.md](../operations/running.md#metrics) says how a Prometheus is told, and
[ADR 34](../adr/0034-metrics-of-the-ledger.md) why there is one page and none at the workers.

"""
_LEDGER = """## Of the service

Every web server tells the same figures, asked of PostgreSQL and the broker at that moment: take the `max` of them.
Counters outlive a restart. What pumps count is written at the end of their turn, every five seconds.

"""
_WEB = """
## Of a web server

Its own, over all of its processes, since it was started: take the `sum` over the instances.

"""


def page() -> str:
    """The whole of it."""
    return _HEAD + _LEDGER + _table(LEDGER) + _WEB + _table(WEB)


def _table(metrics: Iterable[Metric]) -> str:
    rows = ["| metric | kind | labels | what it says |", "|---|---|---|---|", *map(_row, metrics)]
    return "\n".join(rows) + "\n"


def _row(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    return f"| `{metric.name}` | {metric.kind} | {labels} | {metric.words} |"
