"""What a web server counts of its requests, over all of its processes.

With PROMETHEUS_MULTIPROC_DIR, which has to be set before this is imported, each process keeps its figures in a file
there, and whichever is scraped adds them up.
"""

import os

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.multiprocess import MultiProcessCollector

from soroka.metrics.catalogue import REQUEST_SECONDS, REQUESTS

_BUCKETS = (0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

disable_created_metrics()  # type: ignore[no-untyped-call]
_own = CollectorRegistry()
_requests = Counter(REQUESTS.name, REQUESTS.words, REQUESTS.labels, registry=_own)
_seconds = Histogram(
    REQUEST_SECONDS.name, REQUEST_SECONDS.words, REQUEST_SECONDS.labels, registry=_own, buckets=_BUCKETS
)


def answered(route: str, method: str, status: int, seconds: float) -> None:
    """Count a request. route: the pattern that it matched, empty where it matched none."""
    route, method = route or "other", method if method in _METHODS else "other"
    _requests.labels(route, method, str(status)).inc()
    _seconds.labels(route, method).observe(seconds)


def registry() -> CollectorRegistry:
    """Where the figures of all processes are."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return _own
    everybody = CollectorRegistry()
    MultiProcessCollector(everybody)  # type: ignore[no-untyped-call]
    return everybody
