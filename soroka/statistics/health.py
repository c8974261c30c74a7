"""Whether everything that sending needs is there."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import redis
from django.conf import settings
from django.db import Error, connection

from soroka.models import Gateway
from soroka.models.gateway import GatewayState

#: The worker leaves its pulse here with every tick; the key dies by itself.
_PULSE = "soroka:pulse"
_PULSE_SECONDS = 15


@cache
def _valkey() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


def beat_pulse() -> None:
    """Say that a worker consumed a task now. Raises what the broker's client raises."""
    _valkey().set(_PULSE, 1, ex=_PULSE_SECONDS)


def missing() -> dict[str, str]:
    """What is not ready, by name, with a sentence; empty where all is. Takes at most some seconds."""
    return _database() | _broker_and_worker()


class Service(StrEnum):
    """How a program of the service is. unknown: nobody can tell while another one is missing."""

    OK = "ok"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Services:
    """The programs that sending needs; a database that does not answer is an error of whoever asks it."""

    broker: Service
    worker: Service
    beat: Service


def services() -> Services:
    """Which of them are there.

    The pulse says that beat rang and a worker took it. Without it, what was rung waits in its queue, or does not.
    """
    try:
        if _valkey().exists(_PULSE):
            return Services(Service.OK, Service.OK, Service.OK)
        rung = _valkey().llen(settings.CELERY_TASK_DEFAULT_QUEUE)
    except redis.RedisError:
        return Services(Service.MISSING, Service.UNKNOWN, Service.UNKNOWN)
    if rung:
        return Services(Service.OK, Service.MISSING, Service.UNKNOWN)
    return Services(Service.OK, Service.UNKNOWN, Service.MISSING)


def signals() -> dict[str, int]:
    """How many signals no worker has taken yet, by queue; empty where the broker does not answer."""
    names = [queue.name for queue in settings.CELERY_TASK_QUEUES]
    try:
        return {name: int(_valkey().llen(name)) for name in names}
    except redis.RedisError:
        return {}


def gateway_states() -> dict[str, GatewayState]:
    """How each gateway fares, by name. One in trouble does not make the service unready: it goes on by itself."""
    return {gateway.name: gateway.state for gateway in Gateway.objects.only("name", "stopped_at", "trouble")}


def _database() -> dict[str, str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return {"database": "PostgreSQL does not answer at DATABASE_URL."}
    return {}


def _broker_and_worker() -> dict[str, str]:
    try:
        alive = _valkey().exists(_PULSE)
    except redis.RedisError:
        return {"broker": "Redis or Valkey does not answer at REDIS_URL."}
    if alive:
        return {}
    return {"worker": f"No Celery worker has taken a task for {_PULSE_SECONDS} s; is it, and is beat, running?"}
