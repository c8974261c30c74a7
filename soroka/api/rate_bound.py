"""How often something may be asked for, counted by minutes in Redis or Valkey."""

import logging
import time
from functools import cache

import redis
from django.conf import settings

SECONDS = 60
#: Seconds for which nobody is counted after a server that did not answer: a request must not wait for it each time.
_QUIET = 10.0
log = logging.getLogger(__name__)


class _Quiet:
    """The end of the time in which nobody is counted."""

    until = 0.0


@cache
def _valkey() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)


def within_bound(who: str, most: int) -> bool:
    """Count a request of ``who``; whether it is one of the first ``most`` in its minute."""
    return not seconds_over(who, most)


def seconds_over(who: str, most: int) -> int:
    """Count a request of ``who``: 0 where it is one of the first ``most`` in its minute, else what is left of that.

    Where nothing can be counted, it is 0: a broker that is down keeps nobody from opting out.
    """
    return _counted(who, most, more=1)


def seconds_left(who: str, most: int) -> int:
    """The same without counting: whether there were ``most`` of them."""
    return _counted(who, most - 1, more=0)


def _counted(who: str, most: int, *, more: int) -> int:
    if time.monotonic() < _Quiet.until:
        return 0
    key = f"soroka:bound:{who}"
    try:
        with _valkey().pipeline() as pipe:
            pipe.set(key, 0, ex=SECONDS, nx=True)
            pipe.incr(key, more)
            pipe.ttl(key)
            _, count, left = pipe.execute()
    except redis.RedisError as error:
        _Quiet.until = time.monotonic() + _QUIET
        log.warning("nothing is counted, Redis or Valkey does not answer: %s", type(error).__name__)
        return 0
    return max(int(left), 1) if count > most else 0
