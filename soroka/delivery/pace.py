"""The moments at which a lane may send: reserved ahead, handed out in order, thrown away when they are over."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from soroka.delivery.ports import Pace

#: Seconds between two looks whether the lane has been shut.
_LOOK = 0.1


class Moment(NamedTuple):
    """One message may be sent from ``begin`` to ``end``, seconds on the lane's clock."""

    begin: float
    end: float


class Moments:
    """What a lane has reserved of its gateway's pace.

    clock: the lane's.  shut: whether the lane offers nothing more.
    """

    def __init__(self, pace: Pace, clock: Callable[[], float], shut: Callable[[], bool]) -> None:
        self._pace = pace
        self._clock = clock
        self._shut = shut
        self._held: deque[Moment] = deque()
        self._queue = asyncio.Lock()

    async def take(self, wanted: int) -> list[Moment]:
        """Up to ``wanted`` of them, once the first has come; none where the lane is shut. Raises PaceUnknown.

        Who comes first is served first. The caller may offer so many messages; what he does not use he gives back.
        """
        async with self._queue:
            while not self._shut():
                wait = await self._wait(wanted)
                if wait <= 0:
                    return [self._held.popleft() for _ in range(min(wanted, len(self._held)))]
                await self._sleep(wait)
        return []

    def give_back(self, unused: Sequence[Moment]) -> None:
        """Somebody else of this lane may use them."""
        self._held.extendleft(reversed(unused))

    async def _wait(self, wanted: int) -> float:
        """Seconds until the first moment that is held, or until more can be reserved."""
        self._drop_late()
        if not self._held:
            permit = await self._pace.take(wanted)
            if isinstance(permit, float):
                return permit
            begins = [permit.first + number * permit.interval for number in range(permit.count)]
            self._held.extend(Moment(begin, begin + permit.tolerance) for begin in begins)
            self._drop_late()
        return self._held[0].begin - self._clock() if self._held else _LOOK

    async def _sleep(self, seconds: float) -> None:
        end = self._clock() + seconds
        while not self._shut() and (left := end - self._clock()) > 0:  # noqa: ASYNC110 (others shut the lane)
            await asyncio.sleep(min(left, _LOOK))

    def _drop_late(self) -> None:
        now = self._clock()
        while self._held and self._held[0].end < now:
            self._held.popleft()
