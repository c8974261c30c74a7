"""The doorbell: Celery over Redis or Valkey, which carries signals and nothing that must be kept."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from kombu import Queue

#: The queue of whoever names none; ``tick`` is rung there.
CLOCK = "clock"
QUEUES = [Queue(name, routing_key=name) for name in (CLOCK, "delivery", "planning")]

_RUNS = {
    "CELERY_TASK_IGNORE_RESULT": True,
    "CELERY_TASK_ROUTES": {
        "soroka.tasks.deliver": {"queue": "delivery"},
        "soroka.tasks.plan": {"queue": "planning"},
        "soroka.tasks.import_clients": {"queue": "planning"},
    },
    "CELERY_TASK_TIME_LIMIT": 120,
    "CELERY_WORKER_PREFETCH_MULTIPLIER": 1,
    "CELERY_WORKER_SEND_TASK_EVENTS": True,
    "CELERY_WORKER_HIJACK_ROOT_LOGGER": False,
    # A signal older than ten minutes says nothing that a fresh one does not, and a long stop leaves no endless queue.
    "CELERY_BEAT_SCHEDULE": {
        "tick": {"task": "soroka.tasks.tick", "schedule": 1.0, "options": {"expires": 600}},
        # Whether a report is due is a question to the database: who rings at one moment a day may be down at it.
        "report": {"task": "soroka.tasks.report", "schedule": 60.0, "options": {"expires": 600}},
    },
}
_CONNECTS = {
    "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP": True,
    "CELERY_BROKER_CONNECTION_MAX_RETRIES": None,  # a broker that was away for a night is found again
    "CELERY_BROKER_TRANSPORT_OPTIONS": {
        "visibility_timeout": 3600,  # well above the longest task: a task in work is never delivered again
        "socket_timeout": 5,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        # Where a signal is waited for, the broker says at least once a second that there is none. If it says nothing
        # for so long, the connection is dead though nobody has closed it, and is made anew.
        "health_check_interval": 5,
    },
}


def celery(redis_url: str) -> dict[str, Any]:
    """The settings ``CELERY_...`` for the broker at ``REDIS_URL``."""
    return _RUNS | _CONNECTS | {"CELERY_BROKER_URL": _broker(redis_url)}


def _broker(url: str) -> str:
    """The same server in Celery's writing, which differs on a unix socket: ``redis+socket:///path?virtual_host=1``."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    return f"redis+socket://{parts.path}?virtual_host={parse_qs(parts.query).get('db', ['0'])[0]}"
