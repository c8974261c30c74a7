"""One pump's turn in a worker process."""

import asyncio
import random
import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, TypedDict

import uvloop
from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from soroka.delivery.breaker import Breaker
from soroka.delivery.engine import Lane
from soroka.delivery.paced import PacedLane
from soroka.delivery.pump import LINGER, Pump
from soroka.dispatch import metering
from soroka.dispatch.database import LaneQueue, in_thread
from soroka.dispatch.gateways import opened, share
from soroka.dispatch.pace import pace_of
from soroka.domain.pace import Limit
from soroka.domain.verdict import Policy
from soroka.gateways.contract import GatewayConfigError
from soroka.models import Gateway
from soroka.models.locks import PUMP, Slot, leave_slot, take_slot
from soroka.queue import claim, hold

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

#: Seconds that a pump works before it hands over: short tasks let a worker be stopped, and be seen to be alive.
PUMP_SECONDS = 5.0
_PROBE_AGAIN = 60.0
#: For so long after an answer a gateway is taken to work, and after a pause it is not given everything at once.
_LATELY, _RAMP = timedelta(minutes=1), timedelta(seconds=10)
#: It goes on while the machine sleeps.
CLOCK = partial(time.clock_gettime, time.CLOCK_BOOTTIME)


def deliver(stopping: Callable[[], bool]) -> bool:
    """Work as a pump for a few seconds; True where its time was over before its work.

    False at once where every slot has its pump already.  stopping: asked often; True once the worker is to stop.
    Raises an exception group of database errors; what was leased then comes back by itself.
    """
    return _runner().run(_deliver(stopping))


@cache
def _runner() -> asyncio.Runner:
    """One event loop for the life of the process: the gateways' connections outlive a pump."""
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)


async def _deliver(stopping: Callable[[], bool]) -> bool:
    slot = await in_thread(take_slot, PUMP, settings.PUMPS)
    if slot is None:
        return False
    try:
        return await Pump(await _lanes(slot.number), seconds=PUMP_SECONDS, stopping=stopping).run()
    finally:
        await in_thread(_leave, slot)


def _leave(slot: Slot) -> None:
    """Write what was counted, and give back the slot and the connection that the thread worked on."""
    metering.write()
    leave_slot(slot)
    connection.close()


async def _lanes(slot: int) -> list[Lane]:
    """A lane for each gateway that is not left alone and has a connection for the pump in this slot."""
    pump = claim.Pump(secrets.randbits(63), settings.LEASE_SECONDS)
    free = [gateway for gateway in await in_thread(_free_gateways) if share(gateway, slot)]
    lanes = await asyncio.gather(*(_lane(gateway, pump, slot) for gateway in free))
    return [lane for lane in lanes if lane is not None]


class _Fared(TypedDict):
    """How a gateway fared lately: it answered somebody, or was left alone until just now."""

    works: bool
    ramp: bool


def _free_gateways() -> "list[WithAnnotations[Gateway, _Fared]]":
    """The gateways that are not left alone now, or not much longer."""
    works = Q(answered_at__isnull=False, answered_at__gt=Now() - _LATELY)
    ramp = Q(paused_until__gt=Now() - _RAMP)
    free = Gateway.objects.filter(paused_until__lte=Now() + timedelta(seconds=LINGER))
    return list(free.annotate(works=works, ramp=ramp))


async def _lane(gateway: "WithAnnotations[Gateway, _Fared]", pump: claim.Pump, slot: int) -> Lane | None:
    """The lane of a gateway; None, and the gateway stopped, where it cannot even be built."""
    try:
        sender = await opened(gateway)
    except GatewayConfigError as error:
        await in_thread(hold.leave_alone, gateway.pk, _PROBE_AGAIN, str(error), stop=True)
        return None
    return _kind(gateway)(
        queue=LaneQueue(gateway.pk, gateway.name, pump, sender.transit),
        gateway=sender,
        policy=_policy(gateway),
        breaker=Breaker(gateway.trouble, random.random(), works=gateway.works),  # noqa: S311 (jitter)
        connections=share(gateway, slot),
        clock=CLOCK,
        lease_seconds=settings.LEASE_SECONDS,
        transit=sender.transit,
        ramp=gateway.ramp,
    )


def _kind(gateway: Gateway) -> Callable[..., Lane]:
    """The lane that keeps to the gateway's limit, if it has one."""
    if gateway.rate is None:
        return Lane
    return partial(PacedLane, pace=pace_of(gateway.pk, Limit(gateway.rate, gateway.burst), CLOCK))


def _policy(gateway: Gateway) -> Policy:
    return Policy(
        max_tries=gateway.max_tries,
        idempotent=gateway.idempotent,
        backoff_base=gateway.backoff_base,
        backoff_cap=gateway.backoff_cap,
        jitter=gateway.jitter,
    )
