"""The Celery entrance. A task is a doorbell: it carries an id at most, and losing it costs a second."""

import logging
import mmap
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from celery import Task, shared_task
from django.conf import settings
from kombu.exceptions import OperationalError
from structlog.contextvars import get_contextvars

from soroka.dispatch import chores, pumping
from soroka.imports.run import run
from soroka.models.locks import IMPORT, PLANNING, TICK, only_one
from soroka.planning import launch
from soroka.report.send import send_due
from soroka.statistics import health

log = logging.getLogger(__name__)

#: One byte that a worker shares with its forked children: 1 once the worker is to stop.
STOPPING = mmap.mmap(-1, 1)
#: The header of a signal that says for which request of the web server it was given.
REQUEST_ID = "soroka_request_id"
#: Seconds after which planning rings again and lets others in between.
_PLANNING_SECONDS = 5.0
#: An import that takes longer goes on with the next signal; shorter than the visibility timeout.
_IMPORT_SECONDS = 3000


@shared_task
def deliver() -> None:
    """Work as a pump, and ring again where its time was over before its work."""
    with _stopped_in_order() as stopping:
        more = pumping.deliver(stopping)
    if more:
        _ring(deliver)


@contextmanager
def _stopped_in_order() -> Iterator[Callable[[], bool]]:
    """Whether the worker is to stop, and a SIGTERM to this process waits until what was begun is settled.

    systemd, and whoever signals a process group, asks every process of a worker to end; Celery's children end at once,
    and leave in doubt what they have sent.
    """
    told: list[int] = []
    at_once = signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    try:
        yield lambda: bool(told) or STOPPING[0] == 1
    finally:
        signal.signal(signal.SIGTERM, at_once)
        if told:
            signal.raise_signal(signal.SIGTERM)


@shared_task
def plan(mailing_id: int) -> None:
    """Go on with planning a mailing, and ring for what is due already; another planner's tick rings for the rest."""
    with only_one(PLANNING) as ours:
        done = not ours or launch.plan(mailing_id, seconds=_PLANNING_SECONDS, wait=False)
    if ours:
        ring()
    if not done:
        ring_planning(mailing_id)


@shared_task(time_limit=_IMPORT_SECONDS)
def import_clients(import_id: int) -> None:
    """Go on with an import, unless another one is at it: the tick rings again."""
    with only_one(IMPORT, seconds=_IMPORT_SECONDS) as ours:
        if ours:
            run(import_id, lambda: STOPPING[0] == 1)


@shared_task
def tick() -> None:
    """The chores of every second, and the doorbell for whatever they found."""
    with only_one(TICK) as ours:
        if ours:
            _ring_for(chores.tick())
    health.beat_pulse()


@shared_task
def report() -> None:
    """Send the daily report to whom it is due."""
    send_due()


def _ring_for(due: chores.Due) -> None:
    for mailing_id in due.mailings:
        ring_planning(mailing_id)
    for import_id in due.imports:
        ring_import(import_id)
    if due.batches:
        ring()


def ring() -> None:
    """Say to every pump slot that something may be due. Never fails: the next tick says it again."""
    for _ in range(settings.PUMPS):
        if not _ring(deliver):
            break


def ring_planning(mailing_id: int) -> None:
    """Say that a mailing is to be planned further. Never fails."""
    _ring(plan, mailing_id)


def ring_import(import_id: int) -> None:
    """Say that an import is to be taken over. Never fails: the next tick finds what was not."""
    _ring(import_clients, import_id)


def _ring(task: "Task[Any, Any]", *args: int) -> bool:
    """Whether the signal was taken. With an id it carries the request's that rang first; a pump works for everybody."""
    request_id = get_contextvars().get("request_id")
    headers = {REQUEST_ID: str(request_id)} if args and request_id else {}
    try:
        task.apply_async(args, retry=False, headers=headers)
    except OperationalError as error:
        log.warning("the broker is away (%s); the next tick rings again", type(error).__name__)
        return False
    return True
