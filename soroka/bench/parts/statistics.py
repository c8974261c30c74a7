"""How long statistics take in the database, asked as the API asks for them."""

import time
from collections.abc import Callable, Iterator

from django.db import connection

from soroka.bench.bench import Bench, Part
from soroka.bench.clients import make_clients
from soroka.bench.closed import finished
from soroka.bench.figures import Row, at_most, quantile
from soroka.models import Mailing
from soroka.statistics import tally

_NAME = "statistics"
_MAILING, _ALL = 1_000_000, 10_000_000
_CALLS, _FULL_CALLS, _WARM = 200, 20, 5


def _measure(bench: Bench) -> Iterator[Row]:
    mailing = _fill(bench)
    of_one, of_all = tally.counts([mailing.pk])[mailing.pk].total, tally.overall().total
    questions: list[tuple[str, Callable[[], object], int, float]] = [
        (f"four counts of a mailing of {of_one:,}", lambda: tally.counts([mailing.pk]), _CALLS, 20),
        (f"overall page over {of_all:,} messages", lambda: (tally.by_status(), tally.overall()), _CALLS, 20),
        (f"full statistics of a finished mailing of {of_one:,}", lambda: tally.full(mailing), _FULL_CALLS, 200),
    ]
    for words, ask, calls, most in questions:
        values = []
        for _ in range(bench.runs):
            bench.step(words)
            values.append(_p95(ask, calls) * 1000)
        yield Row(_NAME, f"{words}, p95 of {calls} calls", "ms", tuple(values), at_most(most))


def _fill(bench: Bench) -> Mailing:
    """Add finished mailings until there are messages enough; returns the last one, folded."""
    make_clients(1)  # for the zones
    wanted, size = bench.size(_ALL), bench.size(_MAILING)
    while True:
        bench.step(f"making {size:,} messages by SQL")
        mailing = finished(size)
        if tally.overall().total >= wanted:
            break
    bench.notes.append(
        "statistics: the messages that the other measurements did not leave were made by SQL, not sent; "
        "the times are those of a wall clock around the statements."
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE soroka_batch")
        cursor.execute("ANALYZE soroka_message")
    while tally.fold():
        pass
    mailing.refresh_from_db()
    return mailing


def _p95(ask: Callable[[], object], calls: int) -> float:
    """The time, seconds, in which 19 of 20 calls are answered."""
    for _ in range(_WARM):
        ask()
    return quantile([_seconds(ask) for _ in range(calls)], 0.95)


def _seconds(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return time.perf_counter() - began


PART = Part(_NAME, 4, _measure)
