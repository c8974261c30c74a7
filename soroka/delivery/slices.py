"""A slice on its way: what was offered, what has been answered, and until when it may still be sent."""

import asyncio
from math import inf

from soroka.delivery.ports import Lease, Offer, Offered
from soroka.domain.outcome import Accepted, Failure, Outcome

LARGEST = 250
#: Seconds before the end of a lease in which nothing is sent any more: somebody else may have the batch soon.
LEASE_MARGIN = 0.5


class Held:
    """A lease that is believed to be ours. until: our clock, seconds; nothing is sent of it afterwards."""

    def __init__(self, lease: Lease, runs_out: float) -> None:
        self.lease = lease
        self.extend(runs_out)

    def extend(self, runs_out: float) -> None:
        """The lease holds until ``runs_out`` by our clock, seconds."""
        self.until = runs_out - LEASE_MARGIN

    def lose(self) -> None:
        """It is somebody else's now, or will be."""
        self.until = -inf


class Slice:
    """The messages of one offer. Answers are taken away in groups as they come."""

    def __init__(self, held: Held, offer: Offer, asked: float, transit: float, group: int) -> None:
        """asked: our clock, seconds, just before the offer was asked for.  transit: seconds from sending to arrival.
        group: answers that wake the waiter.
        """
        self.held = held
        self.offer = offer
        #: Our clock, seconds: when it was asked for, and when a connection last took one of its messages.
        self.asked = self.begun_at = asked
        self._latest = asked + offer.seconds_left - transit
        self._due = asked - offer.late
        self._open = len(offer.messages)
        self._group = group
        self._begin_group()
        self._news = asyncio.Event()

    @property
    def finished(self) -> bool:
        """Everything was answered or skipped, and taken."""
        return not (self._open or self._accepted or self._failures)

    def may_send(self, now: float) -> bool:
        """Whether what is sent now, on our clock, leaves under the lease and arrives in time."""
        return now < self._latest and now < self.held.until

    def record(self, message: Offered, outcome: Outcome, sent_at: float) -> None:
        """An answer has come. sent_at: our clock, seconds."""
        if isinstance(outcome, Accepted):
            self._accepted.append(message.id)
        else:
            self._failures.append((message, outcome))
        if message.first:
            self._lateness.append(max(sent_at - self._due, 0.0))
        self.skip()

    def skip(self) -> None:
        """A message needs no more waiting for."""
        self._open -= 1
        if not self._open or len(self._accepted) + len(self._failures) >= self._group:
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

    def take(self) -> tuple[list[int], list[tuple[Offered, Failure]], list[float]]:
        """Since the last time: the ids that were accepted, the failures, and the lateness of first offers."""
        taken = self._accepted, self._failures, self._lateness
        self._begin_group()
        return taken

    def _begin_group(self) -> None:
        self._accepted: list[int] = []
        self._failures: list[tuple[Offered, Failure]] = []
        self._lateness: list[float] = []


class SliceSize:
    """How many messages a slice may hold so that the last of them is begun within about a second.

    A pause or a cancellation waits for what was offered: a slow gateway gets little more than it has free connections.
    """

    def __init__(self, whole: int, *, ramp: bool) -> None:
        """whole: the size with which a ramp ends.  ramp: begin with one message, and double with each slice."""
        self._whole = whole
        self._most = 1 if ramp else LARGEST
        #: Messages that may wait for a connection; one until it is known how long that takes.
        self._ahead = 1

    @property
    def ramping(self) -> bool:
        """The gateway does not get everything yet."""
        return self._most < self._whole

    def now(self, free: int) -> int:
        """The size of the next slice. free: connections that would begin a message at once; may be negative."""
        return min(max(self._ahead, free), self._most)

    def shrink(self, messages: int) -> None:
        """Let no more than ``messages`` wait: the others of a slice were not sent in time."""
        self._ahead = max(1, messages)

    def learn(self, messages: int, begun_in: float, done_in: float) -> None:
        """Take a slice into account: in how many seconds its last message was begun, and all of it was answered."""
        self._most = min(self._most * 2, LARGEST) if self.ramping else LARGEST
        if begun_in >= 1.0:
            self._ahead = max(1, int(messages / begun_in))
        elif done_in < 1.0:
            fitting = int(messages / max(done_in, 0.001))
            self._ahead = max(self._ahead, min(fitting, messages * 2, LARGEST))
