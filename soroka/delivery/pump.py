"""The pump: runs the lanes of all gateways side by side for a few seconds and stops them in order."""

import asyncio
from collections.abc import Callable, Sequence

from soroka.delivery.engine import Lane

#: Seconds that a pump waits for what is about to become due.
LINGER = 1.0
#: Seconds that calls in flight get once the worker is told to stop.
GRACE = 3.0
_LOOK = 0.1

Deliveries = set[asyncio.Task[None]]


class Pump:
    """Claims and delivers until its time is over, nothing is due, or it is told to stop."""

    def __init__(self, lanes: Sequence[Lane], *, seconds: float, stopping: Callable[[], bool]) -> None:
        """seconds: after so long nothing new is begun.  stopping: asked often; True once the worker is to stop."""
        self._lanes = lanes
        self._seconds = seconds
        self._stopping = stopping
        self._busy = {id(lane) for lane in lanes}
        self._over = False
        #: Lanes that still had calls in flight when the time was over: the others work on until these are done.
        self._draining: set[int] = set()

    async def run(self) -> bool:
        """Work; True where its time was over before its work.

        Raises an exception group of what the queue raises, with nothing left running: leases then run out.
        """
        async with asyncio.TaskGroup() as background:
            senders = [
                background.create_task(lane.send_forever()) for lane in self._lanes for _ in range(lane.connections)
            ]
            others = [background.create_task(self._renew(lane)) for lane in self._lanes]
            others.append(background.create_task(self._watch(senders)))
            async with asyncio.TaskGroup() as group:
                for lane in self._lanes:
                    group.create_task(self._run_lane(lane))
            for task in (*senders, *others):
                task.cancel()
        return self._over and not self._stopping()

    async def _watch(self, senders: Sequence[asyncio.Task[None]]) -> None:
        """Close the lanes when the time is over; cut calls off where the worker cannot wait for them."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._seconds
        while loop.time() < end and not self._stopping():  # noqa: ASYNC110 (set by another process)
            await asyncio.sleep(_LOOK)
        self._over = True
        self._draining = set(self._busy)
        self._close_all()
        while self._draining and not self._stopping():  # noqa: ASYNC110
            await asyncio.sleep(_LOOK)
        self._close_all()
        while not self._stopping():  # noqa: ASYNC110
            await asyncio.sleep(_LOOK)
        self._close_all()
        await asyncio.sleep(GRACE)
        for sender in senders:
            sender.cancel()
        while True:  # a slice may still be on its way from the database
            for lane in self._lanes:
                lane.drop_jobs()
            await asyncio.sleep(_LOOK)

    def _close_all(self) -> None:
        for lane in self._lanes:
            lane.closing = True

    async def _renew(self, lane: Lane) -> None:
        while True:
            await asyncio.sleep(lane.lease_seconds / 3)
            held = lane.held()
            if held:
                asked = lane.clock()
                lane.keep(await lane.queue.renew(held), held, asked)

    async def _run_lane(self, lane: Lane) -> None:
        """Work until the time is over, and on while other lanes still wait for their last calls."""
        await self._work(lane)
        self._draining.discard(id(lane))
        while self._over and self._draining and not self._stopping() and not lane.breaker.open:
            lane.closing = False
            await self._work(lane)
            await asyncio.sleep(_LOOK)
        await self._report(lane)

    async def _work(self, lane: Lane) -> None:
        async with asyncio.TaskGroup() as group:
            working: Deliveries = set()
            while not lane.shut:
                await self._claim(lane, working, group)
                if working:
                    self._busy.add(id(lane))
                    _, working = await asyncio.wait(working, timeout=_LOOK, return_when=asyncio.FIRST_COMPLETED)
                else:
                    self._busy.discard(id(lane))
                    if not await self._something_soon(lane):
                        break
        self._busy.discard(id(lane))

    @staticmethod
    async def _report(lane: Lane) -> None:
        """Tell the others how the gateway fares."""
        lane.breaker.end_turn()
        if lane.breaker.answered:
            await lane.queue.answered()
        if pause := lane.breaker.pause:
            await lane.queue.leave_alone(pause.seconds, pause.why, stop=pause.stop)

    @staticmethod
    async def _claim(lane: Lane, working: Deliveries, group: asyncio.TaskGroup) -> None:
        """Fill the lane with leased batches."""
        room = lane.room(len(working))
        if room <= 0:
            return
        asked = lane.clock()
        leases = await lane.queue.claim(room)
        for lease in leases:
            working.add(group.create_task(lane.deliver(lane.take(lease, asked))))

    async def _something_soon(self, lane: Lane) -> bool:
        """Wait for what is about to be due, or for the other lanes; False where nothing is to be waited for."""
        wait = await lane.queue.next_due()
        if wait is not None and wait <= LINGER:
            await asyncio.sleep(max(wait, 0.005))
            return True
        await asyncio.sleep(_LOOK if self._busy else 0)
        return bool(self._busy)
