"""What a gateway can answer: four frozen values, and nothing else."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Accepted:
    """The gateway has taken the message over.

    receipt: the gateway's own id for it, empty where it gives none.
    """

    receipt: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The gateway will never take this message. why: its words, safe to log and to show."""

    why: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """The message was certainly not taken; it may be offered again.

    retry_after: seconds the gateway asked to be left alone for, None where it did not ask.
    stop: the gateway's address or token is wrong, so that no message can pass until a person mends it.
    """

    why: str
    retry_after: float | None = None
    stop: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """The request left and no usable answer came: the message may or may not have been taken."""

    why: str


Failure = Rejected | Deferred | Unknown
Outcome = Accepted | Failure


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message as it is offered to a gateway. phone: digits with the country code, 79161234567."""

    id: int
    phone: int
    text: str
