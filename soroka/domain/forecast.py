"""How a mailing will go: messages as a fluid that a gateway lets through at one speed, without a clock (ADR 22)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import inf

#: Seconds.
QUARTER = 900
#: What takes longer than that is not forecast to its end.
HORIZON = 31 * 86_400
#: Less of a message than this is the error of a float, and less of a second.
_NOTHING = 1e-6


@dataclass(eq=False, slots=True)
class Stream:
    """Messages that may be sent at the same times. mailing: those of one have their turns together.

    openings: from when to when they may be sent, in seconds from now, in order. What is left after the last expires.
    sent: how many in which quarter of an hour, counted from now.  last: when the last of them.
    """

    mailing: int
    left: float
    openings: Iterator[tuple[float, float]]
    sent: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    last: float | None = None
    opens: float = inf
    closes: float = -inf

    @property
    def waits(self) -> bool:
        """Something is left that may still be sent."""
        return self.left > _NOTHING and self.closes != inf

    def reach(self, at: float) -> None:
        """See to it that the opening is one that has not closed at that moment."""
        while self.closes <= at:
            self.opens, self.closes = next(self.openings, (inf, inf))

    def send(self, at: float, seconds: float, speed: float) -> None:
        """Let so much of it through, and note in which quarters."""
        self.left -= speed * seconds
        self.last = at + seconds
        end = at + seconds
        while at < end:
            quarter = int(at // QUARTER)
            until = min(end, (quarter + 1) * QUARTER)
            self.sent[quarter] += speed * (until - at)
            at = until


def flow(streams: Sequence[Stream], speed: float, mailing: int, at: float = 0.0) -> None:
    """Send what can be sent from ``at`` on, ``speed`` messages a second in all, until nothing of the mailing waits.

    What its streams have left then has expired, or waits beyond the ``HORIZON``. Every mailing that may send has an
    equal part of the speed, and in it what opened first comes first. Between two events, an opening, a close, a stream
    that is done, all goes evenly.
    """
    while True:
        for stream in streams:
            stream.reach(at)
        if at >= HORIZON or not any(stream.waits for stream in streams if stream.mailing == mailing):
            return
        shares = _shares((stream for stream in streams if stream.waits and stream.opens <= at), speed)
        seconds = _until_next([stream for stream in streams if stream.waits], shares, at)
        for stream, share in shares:
            stream.send(at, seconds, share)
        at += seconds


def _shares(streams: Iterable[Stream], speed: float) -> list[tuple[Stream, float]]:
    """Those who are in turn, each with its messages a second."""
    first: dict[int, list[Stream]] = {}
    for stream in streams:
        had = first.setdefault(stream.mailing, [stream])
        if stream.opens < had[0].opens:
            first[stream.mailing] = [stream]
        elif stream.opens == had[0].opens and stream is not had[0]:
            had.append(stream)
    return [(stream, speed / len(first) / len(group)) for group in first.values() for stream in group]


def _until_next(waiting: Iterable[Stream], shares: Iterable[tuple[Stream, float]], at: float) -> float:
    """Seconds until the next event."""
    edges = (edge - at for stream in waiting for edge in (stream.opens, stream.closes) if edge > at)
    done = (stream.left / share for stream, share in shares)
    return max(min(min(edges, default=inf), min(done, default=inf)), _NOTHING)
