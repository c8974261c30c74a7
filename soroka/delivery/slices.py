"""A slice on its way: what was offered, what has been answered, and until when it may still be sent."""

import asyncio

from soroka.delivery.ports import Lease, Offer, Offered
from soroka.domain.outcome import Outcome

LARGEST = 250
#: Seconds before the end of a lease in which nothing is sent any more: somebody else may have the batch soon.
LEASE_MARGIN = 0.5

Answer = tuple[Offered, Outcome, float]


class Slice:
    """The messages of one offer. Answers are taken away in groups as they come."""

    def __init__(self, lease: Lease, offer: Offer, asked: float, group: int) -> None:
        """asked: our clock, seconds, just before the offer was asked for.  group: answers that wake the waiter."""
        self.lease = lease
        self.abandoned = False
        self._deadline = asked + offer.seconds_left
        self._due = asked - offer.late
        self._open = len(offer.messages)
        self._group = group
        self._answers: list[Answer] = []
        self._news = asyncio.Event()

    @property
    def finished(self) -> bool:
        """Everything was answered or skipped, and taken."""
        return not self._open and not self._answers

    def in_time(self, now: float, transit: float, lease_until: float) -> bool:
        """Whether what is sent now, on our clock, leaves under the lease and arrives, ``transit`` later, in time."""
        return now + transit < self._deadline and now + LEASE_MARGIN < lease_until

    def late_at(self, now: float) -> float:
        """Seconds between the due moment and ``now`` on our clock, at least 0."""
        return max(now - self._due, 0.0)

    def record(self, message: Offered, outcome: Outcome, late: float) -> None:
        """An answer has come."""
        self._answers.append((message, outcome, late))
        self.skip()

    def skip(self) -> None:
        """A message needs no more waiting for."""
        self._open -= 1
        if not self._open or len(self._answers) >= self._group:
            self._news.set()

    async def wait(self, seconds: float) -> None:
        """Wait for a group of answers or the end of the slice, at most ``seconds``."""
        if not self._open:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            pass
        self._news.clear()

    def take(self) -> list[Answer]:
        """The answers since the last time."""
        answers, self._answers = self._answers, []
        return answers


class SliceSize:
    """How many messages a slice may hold so that it is sent within about a second.

    A pause or a cancellation waits for what was offered: a slow gateway gets small slices.
    """

    def __init__(self, connections: int) -> None:
        """It begins with one message for each connection."""
        self.now = min(connections, LARGEST)

    def learn(self, messages: int, seconds: float) -> None:
        """Take the time that a slice took, seconds, into account."""
        if messages < self.now and seconds < 1.0:
            return
        fitting = int(messages / max(seconds, 0.001))
        self.now = max(1, min(fitting, self.now * 2, LARGEST))
