"""One message outside of any mailing, to see what a gateway makes of it."""

import asyncio
from dataclasses import dataclass, replace

from django.db import connection

from soroka.consent.suppression import is_suppressed
from soroka.delivery.pace import Moments
from soroka.delivery.ports import PaceUnknown
from soroka.dispatch.gateways import config_of, located
from soroka.dispatch.pace import pace_for_once
from soroka.dispatch.pumping import CLOCK
from soroka.dispatch.whereabouts import Nowhere
from soroka.domain.outcome import Deferred, Envelope, Outcome
from soroka.domain.pace import Limit
from soroka.gateways.contract import GatewayConfigError
from soroka.gateways.registry import build
from soroka.models import Client, Gateway

#: Seconds to wait for a moment of the gateway's rate, for a connection, and for the answer: at most ten together.
_FOR_A_MOMENT, _CONNECT, _ANSWER = 3.0, 2.0, 5.0
_LONGEST_DETAIL = 200
_NO_MOMENT = f"The rate of the gateway left no moment for it within {_FOR_A_MOMENT:.0f} s. Nothing was sent."
_PACE_UNKNOWN = "Redis or Valkey does not answer, and it keeps the rate of the gateway. Nothing was sent."


class OptedOut(Exception):
    """Nobody who has opted out is written to, not even for a test."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it.

    outcome: ``accepted``, ``rejected``, ``deferred`` (certainly not taken) or ``unknown`` (it may have been taken).
    detail: why it was not accepted, else empty.  seconds: from the call to the answer; 0 where none was made.
    number: the id that the gateway was given. No message of the ledger has it, or ever will.
    """

    outcome: str
    detail: str
    seconds: float
    number: int


def send_trial(gateway: Gateway, phone: int, text: str) -> Trial:
    """Offer one message to a gateway, whatever its state, and wait for the answer: ten seconds at most.

    It keeps to the gateway's rate and takes one connection beside those of the pumps. How the gateway fares is judged
    by the messages of mailings alone: nothing is written, and the breaker does not hear of it. Call it outside of a
    transaction, not on a running event loop, and bound how often (``soroka.api.trials`` does). Raises OptedOut.
    """
    if is_suppressed(phone) or Client.objects.filter(phone=phone, opted_out=True).exists():
        raise OptedOut
    envelope = Envelope(_number(), phone, text)
    if not connection.in_atomic_block:
        connection.close()  # others may need it while the gateway is waited for
    outcome, seconds = asyncio.run(_offer(gateway, envelope))
    detail = str(getattr(outcome, "why", ""))[:_LONGEST_DETAIL]
    return Trial(type(outcome).__name__.lower(), detail, seconds, envelope.id)


def _number() -> int:
    """An id out of the sequence of messages: the numbers that go with it stay unused, as after a rollback."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('soroka_message_ids')")
        return int(cursor.fetchone()[0])


async def _offer(gateway: Gateway, envelope: Envelope) -> tuple[Outcome, float]:
    """The outcome, and the seconds that the call took."""
    try:
        config = replace(
            config_of(gateway), connections=1, connect_timeout=_CONNECT, read_timeout=_ANSWER, total_timeout=_ANSWER
        )
        sender = build(await located(config, gateway))
    except GatewayConfigError as error:
        return Deferred(str(error), stop=True), 0.0
    except Nowhere as nowhere:
        return Deferred(str(nowhere)), 0.0
    try:
        if not await _has_moment(gateway):
            return Deferred(_NO_MOMENT), 0.0
        began = CLOCK()
        return await sender.send(envelope), CLOCK() - began
    except PaceUnknown:
        return Deferred(_PACE_UNKNOWN), 0.0
    finally:
        await sender.close()


async def _has_moment(gateway: Gateway) -> bool:
    """Wait for a moment of the pace that all pumps share. Raises PaceUnknown."""
    if gateway.rate is None:
        return True
    end = CLOCK() + _FOR_A_MOMENT
    async with pace_for_once(gateway.pk, Limit(gateway.rate, gateway.burst), CLOCK) as pace:
        return bool(await Moments(pace, CLOCK, shut=lambda: CLOCK() > end).take(1))
