"""The product's Celery app, in a worker whose pumps can be killed at named points of their work.

Each child process wraps the functions of the product after the fork; the product itself carries no such hook.
"""

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from celery.signals import worker_process_init
from django.db import connection

from soroka.config.celery import app
from soroka.prove.points import VARIABLE, Point, Points

__all__ = ["app"]


@worker_process_init.connect
def arm(**_: Any) -> None:
    """Wrap what a pump passes on its way."""
    from soroka.dispatch import pumping
    from soroka.dispatch.database import LaneQueue
    from soroka.gateways.http_jwt import HttpJwt
    from soroka.queue import settle

    points = Points(Path(os.environ[VARIABLE]))
    _seated(points, pumping)
    _die_after(points, Point.AFTER_CLAIM, LaneQueue, "claim")
    _die_after(points, Point.AFTER_OFFER, LaneQueue, "offer")
    _die_before(points, Point.IN_SLICE, HttpJwt, "send")
    _die_before(points, Point.AFTER_REPLY, LaneQueue, "settle")
    _die_between(points, settle)


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


def _die_between(points: Points, settling: Any) -> None:
    """Between the settling UPDATE and its commit."""
    original = settling.settle

    def executed(execute: Any, sql: Any, *rest: Any) -> Any:
        result = execute(sql, *rest)
        if "UPDATE soroka_message" in str(sql):
            points.passed(Point.DURING_SETTLE)
        return result

    @wraps(original)
    def settled(*args: Any, **kwargs: Any) -> Any:
        with connection.execute_wrapper(executed):
            return original(*args, **kwargs)

    settling.settle = settled
