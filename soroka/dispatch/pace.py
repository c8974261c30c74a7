"""The pace of a gateway, kept in Valkey for all pumps on all hosts."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache

from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from soroka.delivery.ports import PaceUnknown, Permit
from soroka.domain.pace import Limit

#: Seconds ahead of the present for which moments are handed out. A pause waits for no more than that.
AHEAD = 0.5
_TIMEOUT = 1.0
_MICRO = 1_000_000

# All times in microseconds, by the server's clock. The key holds the next moment that nobody has, and by which run of
# the server it was written. Without it, or from another run (which may have lost the last second, or have another
# clock), what was handed out before is unknown, so that moments begin behind all that can have been. So they do where
# the next one is further away than any can be: the clock was set back, or the rate has been raised.
# INFO is asked by section: microseconds.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, wanted, ahead, behind = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local kept = redis.call('HMGET', KEYS[1], 'next', 'run')
local next = tonumber(kept[1] or '')
local unheard = now + ahead + math.ceil(interval) + 1
if not next or kept[2] ~= run or next > unheard then next = unheard end
next = math.max(next, now - behind)
local free = math.max(0, math.floor((now + ahead - next) / interval) + 1)
local least = math.min(wanted, math.max(1, math.floor(ahead / 2 / interval)))
local taken = 0
if free >= least then taken = math.min(free, wanted) end
local after = math.ceil(next + taken * interval)
redis.call('HSET', KEYS[1], 'next', string.format('%.0f', after), 'run', run)
if taken == 0 then return {0, math.ceil(next + (least - 1) * interval - now - ahead)} end
return {taken, math.ceil(next - now)}
"""


class ValkeyPace:
    """``soroka.delivery.ports.Pace`` over a script in Valkey, which reads the clock there."""

    def __init__(self, valkey: "Redis", key: str, limit: Limit, clock: Callable[[], float]) -> None:
        """key: the same for all who keep to this limit together.  clock: that of the lane, seconds."""
        self._take = valkey.register_script(_TAKE)
        self._key = key
        self._limit = limit
        self._clock = clock

    async def take(self, wanted: int) -> Permit | float:
        """See ``Pace``.

        The server read its clock between our asking and the answer. Taking it for the end of that makes the moments
        too late by the way at most, never too early; the tolerance is shortened by as much.
        """
        limit = self._limit
        asked = self._clock()
        arguments = [limit.interval * _MICRO, wanted, int(AHEAD * _MICRO), int(limit.behind * _MICRO)]
        try:
            async with asyncio.timeout(2 * _TIMEOUT):
                taken, wait = await self._take(keys=[self._key], args=arguments)
        except (RedisError, TimeoutError) as error:
            raise PaceUnknown(f"{self._key}: {type(error).__name__} at REDIS_URL") from error
        answered = self._clock()
        if not taken:
            return float(wait / _MICRO)
        late = answered - asked
        return Permit(answered + wait / _MICRO, limit.interval, taken, limit.tolerance - late)


def _connect() -> "Redis":
    """A client of the loop that uses it first. A connection that broke is tried once anew."""
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT, retry=Retry(NoBackoff(), 1)
    )


@cache
def _valkey() -> "Redis":
    """One client for the life of the process, whose loop is one as well."""
    return _connect()


def _key(gateway_id: int) -> str:
    return f"soroka:pace:{gateway_id}"


def pace_of(gateway_id: int, limit: Limit, clock: Callable[[], float]) -> ValkeyPace:
    """The pace of a gateway over all pumps. A changed limit counts from each pump's next turn on."""
    return ValkeyPace(_valkey(), _key(gateway_id), limit, clock)


@asynccontextmanager
async def pace_for_once(gateway_id: int, limit: Limit, clock: Callable[[], float]) -> AsyncIterator[ValkeyPace]:
    """The same pace for one who is no pump and whose loop soon ends."""
    async with _connect() as valkey:
        yield ValkeyPace(valkey, _key(gateway_id), limit, clock)
