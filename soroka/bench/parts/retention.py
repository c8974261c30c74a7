"""Sending beside the removal of old messages, as the tick does it, against sending alone."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection
from django.db.models import Sum

from soroka.bench import roles
from soroka.bench.bench import Bench, Part
from soroka.bench.closed import finished
from soroka.bench.crew import work
from soroka.bench.figures import Row, at_least
from soroka.bench.mailings import planned, require_delivered, set_gateway
from soroka.dispatch.chores import RETIRING_SECONDS
from soroka.models import Mailing
from soroka.models.clock import database_now
from soroka.queue.retire import retire
from soroka.statistics import tally

_NAME = "retention"
_MESSAGES, _OLD = 200_000, 1_000_000
_PUMPS, _CONNECTIONS = 2, 128
_DAYS = 30


def _measure(bench: Bench) -> Iterator[Row]:
    set_gateway(kind="http_jwt", connections=_CONNECTIONS // _PUMPS)
    alone, beside, ratios, removed = [], [], [], []
    for run in range(bench.runs):
        _fill(bench)
        rates = {}
        for retiring in (False, True) if run % 2 else (True, False):  # neither always finds the warmer tables
            gone = _gone()
            rates[retiring], seconds = _rate(bench, retiring=retiring)
            if retiring:
                removed.append((_gone() - gone) / seconds)
        alone.append(rates[False])
        beside.append(rates[True])
        ratios.append(rates[True] / rates[False])
    yield Row(_NAME, "end to end alone", "messages/s", tuple(alone))
    yield Row(_NAME, "end to end while old messages are removed", "messages/s", tuple(beside))
    yield Row(_NAME, "old messages removed meanwhile", "messages/s", tuple(removed))
    yield Row(_NAME, "sending while old messages are removed / alone", "ratio", tuple(ratios), at_least(0.9))


def _fill(bench: Bench) -> None:
    """See to it that there is more to be removed than one run can remove."""
    bench.step("old messages, made by SQL")
    planned(1)  # for the zones
    finished(bench.size(_OLD))
    while tally.fold():
        pass
    long_ago = database_now() - timedelta(days=2 * _DAYS)
    Mailing.objects.filter(name="made by SQL", gone_at=None).update(over_at=long_ago)


def _rate(bench: Bench, *, retiring: bool) -> tuple[float, float]:
    """Messages a second, and the seconds that sending took."""
    messages = bench.size(_MESSAGES)
    mailing = planned(messages)
    bench.step("sending while old messages go" if retiring else "sending alone")
    if retiring:
        with _removing():
            crew = work(roles.pump, [()] * _PUMPS)
    else:
        crew = work(roles.pump, [()] * _PUMPS)
    require_delivered(mailing, messages)
    return messages / crew.seconds, crew.seconds


@contextmanager
def _removing() -> Iterator[None]:
    """Do each second what the tick does."""
    over = threading.Event()

    def remove() -> None:
        while not over.wait(1.0):
            retire(_DAYS, seconds=RETIRING_SECONDS)
        connection.close()

    thread = threading.Thread(target=remove)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _gone() -> int:
    return Mailing.objects.aggregate(all=Sum("gone_total"))["all"] or 0


PART = Part(_NAME, 3, _measure)
