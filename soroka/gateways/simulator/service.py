"""What the simulated gateway does with a message: checks it, decides by its behaviour, notes it."""

import math
import random
import time
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import orjson

from soroka.gateways.simulator.answers import ACCEPTED, RETRIABLE, Answer, answer_of
from soroka.gateways.simulator.behaviour import Behaviour
from soroka.gateways.simulator.guard import Guard
from soroka.gateways.simulator.record import Count, Record

UNAUTHORIZED = answer_of("401", "")
MALFORMED = answer_of("400", "")


@dataclass(slots=True)
class Service:
    """One for all connections of a server. ``behaviour`` may be replaced at any time."""

    behaviour: Behaviour = field(default_factory=Behaviour)
    guard: Guard = field(default_factory=Guard)
    record: Record | Count = field(default_factory=Record)

    def take(self, message: int, authorization: bytes, body: bytes) -> Answer:
        """The answer to one call. message: the id in the path.  authorization: the header, empty for none."""
        now = time.time()
        if not self.guard.admits(authorization):
            answer = UNAUTHORIZED
        elif not _is_message(body, message):
            answer = MALFORMED
        else:
            answer = self._decide(message, now)
        self.record.add(now, message, answer)
        return answer

    def delay(self) -> float:
        """Seconds to wait before the next answer is written."""
        behaviour = self.behaviour
        if not behaviour.jitter:
            return behaviour.latency
        return behaviour.latency + random.uniform(0, behaviour.jitter)  # noqa: S311 - no secret

    def _decide(self, message: int, now: float) -> Answer:
        behaviour = self.behaviour
        if not behaviour.fault:
            return ACCEPTED
        kind = behaviour.kind(message, self.record.calls_of(message) + 1)
        return answer_of(kind, self._retry_after(now) if kind.isdecimal() and int(kind) in RETRIABLE else "")

    def _retry_after(self, now: float) -> str:
        seconds = self.behaviour.retry_after
        if not seconds:
            return ""
        return formatdate(math.ceil(now + seconds), usegmt=True) if self.behaviour.retry_after_date else str(seconds)


def _is_message(body: bytes, message: int) -> bool:
    """Whether the body is ``{"id": int64, "phone": int64, "text": str}`` with the id of the path."""
    try:
        sent: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return (
        isinstance(sent, dict)
        and sent.get("id") == message
        and type(sent["id"]) is type(sent.get("phone")) is int
        and isinstance(sent.get("text"), str)
    )
