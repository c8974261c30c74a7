"""The product's Celery app, in a worker whose pumps can be killed at named points of their work.

Each child process wraps the functions of the product after the fork; the product itself carries no such hook.
"""

import os
import threading
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from celery.signals import worker_process_init

from soroka.config.celery import app
from soroka.prove.books import SESSIONS_OF
from soroka.prove.points import VARIABLE, Point, Points

__all__ = ["app"]

#: Seconds after which a statement is on its way and its answer is not yet there.
_SENT = 0.0005


@worker_process_init.connect
def arm(**_: Any) -> None:
    """Wrap what a pump passes on its way, and have its sessions of PostgreSQL say whose they are."""
    from soroka.dispatch import pumping
    from soroka.dispatch.database import LaneQueue
    from soroka.gateways.http_jwt import HttpJwt
    from soroka.queue import settle

    os.environ["PGAPPNAME"] = f"{SESSIONS_OF}{os.getpid()}"
    points = Points(Path(os.environ[VARIABLE]))
    _seated(points, pumping)
    _die_after(points, Point.AFTER_CLAIM, LaneQueue, "claim")
    _die_after(points, Point.AFTER_OFFER, LaneQueue, "offer")
    _die_before(points, Point.IN_SLICE, HttpJwt, "send")
    _die_before(points, Point.AFTER_REPLY, LaneQueue, "settle")
    _die_during(points, settle)


def _seated(points: Points, pumping: Any) -> None:
    """List the process while it is a pump."""
    deliver: Callable[..., bool] = pumping.deliver

    @wraps(deliver)
    def seated(*args: Any) -> bool:
        seat = points.enter()
        try:
            return deliver(*args)
        finally:
            points.leave(seat)

    pumping.deliver = seated


def _die_after(points: Points, point: Point, owner: Any, name: str) -> None:
    """After a call that brought something."""
    original = getattr(owner, name)

    @wraps(original)
    async def called(*args: Any, **kwargs: Any) -> Any:
        result = await original(*args, **kwargs)
        if result:
            points.passed(point)
        return result

    setattr(owner, name, called)


def _die_before(points: Points, point: Point, owner: Any, name: str) -> None:
    original = getattr(owner, name)

    @wraps(original)
    async def called(*args: Any, **kwargs: Any) -> Any:
        points.passed(point)
        return await original(*args, **kwargs)

    setattr(owner, name, called)


def _die_during(points: Points, settling: Any) -> None:
    """While the server works on the statement that settles: it may be committed or not, and nobody is told."""
    original = settling.run

    @wraps(original)
    def settled(*args: Any) -> Any:
        if points.armed:
            threading.Timer(_SENT, points.passed, [Point.DURING_SETTLE]).start()
        return original(*args)

    settling.run = settled
