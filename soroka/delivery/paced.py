"""The lane of a gateway that takes only so many messages a second."""

import asyncio
import logging
from collections import deque
from dataclasses import dataclass, field

from soroka.delivery.engine import Lane
from soroka.delivery.pace import Moment, Moments
from soroka.delivery.ports import Pace, PaceUnknown
from soroka.delivery.slices import Held, Slice

log = logging.getLogger(__name__)


@dataclass
class PacedLane(Lane):
    """A lane that sends each message at a moment of its own, which all pumps have from the same pace.

    A slice is offered once the first of its moments has come. A message that could not be sent in its time is skipped:
    it comes back with its batch. Where nobody can say how much may be sent, the lane is shut for the rest of the turn.
    """

    pace: Pace = field(kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._moments = Moments(self.pace, self.clock, lambda: self.shut)
        #: Of each message in ``_jobs``.
        self._promised: deque[Moment] = deque()
        self._pace_unknown = False

    @property
    def shut(self) -> bool:
        """See ``Lane``."""
        return self._pace_unknown or super().shut

    async def _begin_slice(self, held: Held) -> Slice | None:
        moments = await self._reserve(self._slice_size(held.lease))
        work = await self._offer(held, len(moments)) if moments else None
        used = len(work.offer.messages) if work else 0
        self._moments.give_back(moments[used:])
        if work is not None:
            self._promised.extend(moments[:used])
            self._queue_up(work)
        return work

    async def _reserve(self, size: int) -> list[Moment]:
        try:
            with self._database():  # like that, it is not the gateway that is waited for
                return await self._moments.take(size)
        except PaceUnknown as error:
            log.warning("nothing more is sent in this turn: the pace of the gateway is unknown (%s)", error)
            self._pace_unknown = True
            return []

    def _learn(self, work: Slice, answered: int) -> None:
        if answered < len(work.offer.messages):
            self._size.shrink(answered)
        else:
            super()._learn(work, answered)

    def drop_jobs(self) -> None:
        """See ``Lane``."""
        super().drop_jobs()
        self._promised.clear()

    async def send_forever(self) -> None:
        """See ``Lane``."""
        while True:
            if not self._jobs:
                await self._until_work()
            work, message = self._jobs.popleft()
            moment = self._promised.popleft()
            await self._until(moment)
            now = work.begun_at = self.clock()
            if now <= moment.end and not self.shut and work.may_send(now):
                await self._send(work, message, now)
            else:
                work.skip()

    async def _until(self, moment: Moment) -> None:
        while not self.shut and (wait := moment.begin - self.clock()) > 0:  # noqa: ASYNC110 (a sleep may end early)
            await asyncio.sleep(wait)
