"""The queue as the engine sees it, in the one thread of a pump that talks to the database while the loop sends on."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError

from soroka.delivery.ports import Answers, BatchFault, Lease, Offer
from soroka.dispatch import metering
from soroka.dispatch.journal import Journal
from soroka.queue import claim, hold, offer, release, settle

P = ParamSpec("P")
T = TypeVar("T")


@cache
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "database")


async def in_thread(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call in the database thread, where every call of a pump shares one connection."""
    return await asyncio.get_running_loop().run_in_executor(_thread(), partial(call, *args, **kwargs))


class LaneQueue:
    """``soroka.delivery.ports.Queue`` over ``soroka.queue``, for one gateway and one pump.

    transit: seconds that a message may need to reach the gateway: nothing is claimed or offered so late.
    """

    def __init__(self, gateway_id: int, name: str, pump: claim.Pump, transit: float) -> None:
        """name: of the gateway, as the log has it."""
        self._gateway_id = gateway_id
        self._pump = pump
        self._transit = transit
        self._journal = Journal(name)

    async def claim(self, room: int) -> Sequence[Lease]:
        return await in_thread(self._claim, room)

    def _claim(self, room: int) -> Sequence[Lease]:
        leases = claim.claim(self._pump, self._gateway_id, room, self._transit)
        self._journal.claimed(leases)
        return leases

    async def offer(self, lease: Lease, size: int) -> Offer | None:
        with _fault_of_one_batch():
            return await in_thread(offer.offer, lease, size, self._transit)

    async def settle(self, lease: Lease, answers: Answers) -> bool:
        with _fault_of_one_batch():
            return await in_thread(self._settle, lease, answers)

    def _settle(self, lease: Lease, answers: Answers) -> bool:
        ours = settle.settle(lease, answers)
        if ours:
            metering.settled(self._gateway_id, answers)
        self._journal.settled(lease, answers, ours=ours)
        return ours

    async def release(self, lease: Lease, retry_in: float, *, cut: bool = False) -> None:
        with _fault_of_one_batch():
            await in_thread(self._release, lease, retry_in, cut=cut)

    def _release(self, lease: Lease, retry_in: float, *, cut: bool) -> None:
        release.release(lease, retry_in, cut=cut)
        self._journal.released(lease, retry_in)

    async def renew(self, leases: Sequence[Lease]) -> set[int]:
        return await in_thread(claim.renew, self._pump, leases)

    async def next_due(self) -> float | None:
        return await in_thread(claim.next_due, self._gateway_id, self._transit)

    async def leave_alone(self, seconds: float, why: str, *, stop: bool) -> None:
        await in_thread(hold.leave_alone, self._gateway_id, seconds, why, stop=stop)

    async def works_again(self) -> None:
        await in_thread(hold.works_again, self._gateway_id)

    async def answered(self) -> None:
        await in_thread(hold.answered, self._gateway_id)


@contextmanager
def _fault_of_one_batch() -> Iterator[None]:
    """What the database refuses is this batch's matter; that it cannot be reached is everybody's."""
    try:
        yield
    except (OperationalError, InterfaceError):
        raise
    except DatabaseError as error:
        raise BatchFault from error
