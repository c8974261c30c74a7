"""How the simulated gateway behaves: how slow it is, and which calls go wrong in which way."""

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from soroka.gateways.simulator.answers import KINDS, is_kind

ROUNDING = 1e-9  # ten shares of 0.1 add up to slightly more or less than 1


class BehaviourError(ValueError):
    """A wish that no behaviour fulfils; its words say why."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """latency, jitter: seconds before an answer, and at most how many more.  fault: a kind of answer to the share of
    calls that get it, 0 to 1, all together at most 1.  retry_after: whole seconds that 408, 425, 429 and 503 ask for,
    0 for no such header; as a date if ``retry_after_date``.  seed: another one makes other calls go wrong.
    """

    latency: float = 0.0
    jitter: float = 0.0
    fault: Mapping[str, float] = field(default_factory=dict)
    retry_after: int = 1
    retry_after_date: bool = False
    seed: int = 0

    def changed(self, wish: object) -> "Behaviour":
        """This behaviour with the named fields replaced; ``fail`` stands for the share of ``fault`` 400.

        wish: a decoded JSON object.  Raises BehaviourError that says what is wrong with it.
        """
        if not isinstance(wish, Mapping):
            raise BehaviourError("a behaviour is an object of " + ", ".join(FIELDS))
        values = {name: _field(name)(name, value) for name, value in wish.items()}
        fail = values.pop("fail", None)
        if fail is not None:
            values["fault"] = _shares("fail", {**values.get("fault", self.fault), "400": fail})
        return replace(self, **values)

    def kind(self, message: int, attempt: int) -> str:
        """What becomes of the ``attempt``-th call for this message: the same in every run with the same seed."""
        if not self.fault:
            return "ok"
        point = _point(self.seed, message, attempt)
        for kind, share in self.fault.items():
            if point < share:
                return kind
            point -= share
        return "ok"


def _point(seed: int, message: int, attempt: int) -> float:
    """A number in [0, 1) that looks random and depends on nothing else."""
    digest = hashlib.blake2b(b"%d %d %d" % (seed, message, attempt), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 11) / (1 << 53)


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise BehaviourError(f"{name} must be a number of at least 0")
    return float(value)


def _whole(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BehaviourError(f"{name} must be a whole number of at least 0")
    return value


def _switch(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise BehaviourError(f"{name} must be true or false")
    return value


def _share(name: str, value: object) -> float:
    if _number(name, value) > 1:
        raise BehaviourError(f"{name} must be a share from 0 to 1")
    return _number(name, value)


def _shares(name: str, value: object) -> Mapping[str, float]:
    if not isinstance(value, Mapping):
        raise BehaviourError(f"{name} must be an object of kind to share")
    shares = {str(kind): _share(f"{name} {kind}", share) for kind, share in value.items()}
    for kind in shares:
        if not is_kind(kind):
            raise BehaviourError(f"{name} {kind} is unknown; a kind is an HTTP status or one of {', '.join(KINDS)}")
    if sum(shares.values()) > 1 + ROUNDING:
        raise BehaviourError(f"the shares of {name} add up to more than 1")
    return shares


FIELDS: Mapping[str, Callable[[str, object], Any]] = {
    "latency": _number,
    "jitter": _number,
    "fail": _share,
    "fault": _shares,
    "retry_after": _whole,
    "retry_after_date": _switch,
    "seed": _whole,
}


def _field(name: object) -> Callable[[str, object], Any]:
    if name not in FIELDS:
        raise BehaviourError(f"{name} is unknown; a behaviour has " + ", ".join(FIELDS))
    return FIELDS[str(name)]
