"""When a gateway is to be left alone, for how long, and how it is tried again."""

from dataclasses import dataclass

from soroka.domain.outcome import Accepted, Deferred, Outcome, Rejected

_CAP = 60.0  # seconds; also the pause of a stopped gateway, which is probed once a minute


@dataclass(frozen=True, slots=True)
class Pause:
    """A decision to leave the gateway alone. stop: no message can pass until a person mends it."""

    seconds: float
    why: str
    stop: bool


class Breaker:
    """Watches the outcomes of one gateway in one pump.

    It opens at ``threshold`` failures in a row, at once where the gateway asks for a pause or refuses our credential,
    and, while ``probing``, at the first failure. An answer, be it a refusal of the message, shows a working gateway.
    """

    def __init__(self, trouble: int, draw: float, threshold: int = 10) -> None:
        """trouble: how often in a row it was left alone before.  draw: a random number, 0..1, for the jitter."""
        self.probing = trouble > 0
        self.pause: Pause | None = None
        self._trouble = trouble
        self._draw = draw
        self._threshold = threshold
        self._failures = 0

    @property
    def open(self) -> bool:
        """Nothing more is to be offered."""
        return self.pause is not None

    def record(self, outcome: Outcome) -> bool:
        """Take note of an outcome; True where it ends the probing."""
        match outcome:
            case Accepted() | Rejected():
                self._failures = 0
                recovered, self.probing = self.probing, False
                return recovered
            case Deferred(why, retry_after, stop) if stop or retry_after is not None:
                self._open(Pause(_CAP if stop else retry_after or 0.0, why, stop))
            case _:
                self._failures += 1
                if self.probing or self._failures >= self._threshold:
                    self._open(Pause(self._growing(), outcome.why, stop=False))
        return False

    def _growing(self) -> float:
        return min(2.0**self._trouble, _CAP) * (0.5 + self._draw / 2)

    def _open(self, pause: Pause) -> None:
        if self.pause is None or pause.stop or pause.seconds > self.pause.seconds:
            self.pause = pause
