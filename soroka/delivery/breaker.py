"""When a gateway is to be left alone, for how long, how it is tried again, and whose fault a failure is."""

from dataclasses import dataclass

from soroka.domain.outcome import Accepted, Deferred, Outcome, Rejected, Unknown

_CAP = 60.0  # seconds; also the pause of a stopped gateway, which is probed once a minute
#: Failures in a row that open it, and single messages that may fail in a row while it is probed.
_IN_A_ROW, _PROBES = 10, 5
#: So many messages that fail without one that is answered are no coincidence.
_FEW = 3


@dataclass(frozen=True, slots=True)
class Pause:
    """A decision to leave the gateway alone. stop: no message can pass until a person mends it."""

    seconds: float
    why: str
    stop: bool


class Breaker:
    """Watches the outcomes of one gateway during one turn of a pump.

    It opens at so many failures in a row, and at once where the gateway asks for a pause or refuses our credential.
    An answer, be it a refusal of the message, shows a working gateway.
    """

    def __init__(self, trouble: int, draw: float, *, works: bool) -> None:
        """trouble: how often in a row it was left alone before.  draw: a random number, 0..1, for the jitter.
        works: it answered somebody a short while ago.
        """
        self.probing = trouble > 0
        self.pause: Pause | None = None
        self.answered = False
        self._works = works
        self._trouble = trouble
        self._draw = draw
        self._failures: list[Deferred | Unknown] = []

    @property
    def open(self) -> bool:
        """Nothing more is to be offered."""
        return self.pause is not None

    @property
    def blames_messages(self) -> bool:
        """Whether a failure now uses up a try of the message: only a gateway that works otherwise puts it in doubt."""
        return self._works and not self.open and not self.probing

    def record(self, outcome: Outcome) -> bool:
        """Take note of an outcome; True where it ends the probing."""
        match outcome:
            case Accepted() | Rejected():
                self.answered = self._works = True
                if self._failures:
                    self._failures.clear()
                recovered, self.probing = self.probing, False
                return recovered
            case Deferred(why, retry_after, stop) if stop or retry_after is not None:
                self._open(Pause(_CAP if stop else retry_after or 0.0, why, stop))
            case Deferred() | Unknown():
                self._failures.append(outcome)
                if len(self._failures) >= (_PROBES if self.probing else _IN_A_ROW):
                    self._open(self._growing(outcome.why))
        return False

    def end_turn(self) -> None:
        """No more outcomes come. Too few failures to open it may still be all that came back.

        One message that fails for a gateway that worked a short while ago is taken to be the message's fault, unless
        the gateway said that it was certainly not taken.
        """
        if self.answered or self.open or not self._failures:
            return
        certain = any(isinstance(outcome, Deferred) for outcome in self._failures)
        if certain or self.probing or not self._works or len(self._failures) >= _FEW:
            self._open(self._growing(self._failures[-1].why))

    def _growing(self, why: str) -> Pause:
        return Pause(min(2.0**self._trouble, _CAP) * (0.5 + self._draw / 2), why, stop=False)

    def _open(self, pause: Pause) -> None:
        if self.pause is None or pause.stop or pause.seconds > self.pause.seconds:
            self.pause = pause
