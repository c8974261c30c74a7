"""Planning under a cap, which looks at what every client has had, beside planning without one."""

import time
from collections.abc import Iterator
from datetime import timedelta

from soroka.audience.filter import Filter
from soroka.bench.bench import Bench, Part
from soroka.bench.clients import make_clients
from soroka.bench.errors import BenchError
from soroka.bench.figures import Row
from soroka.bench.mailings import TEXT, checkpoint, default_gateway, plan
from soroka.domain.cap import Cap
from soroka.models.clock import database_now
from soroka.planning import launch
from soroka.planning.preview import preview
from soroka.statistics.tally import counts

_NAME = "caps"
_CLIENTS = 1_000_000
#: Mailings that every client has had before.
_HISTORY = 3
#: How far the estimate of a preview may be off.
_ABOUT = 0.05
_EVERYONE = Filter(everyone=True)
#: The mailings of each run lie so far from those of the one before that no cap sees both.
_APART = timedelta(days=20)


def _measure(bench: Bench) -> Iterator[Row]:
    clients = bench.size(_CLIENTS)
    bench.step(f"making {clients:,} clients")
    make_clients(clients)
    wishes = [
        ("no cap", None, 0),
        ("a cap that all have reached", Cap(_HISTORY + 1, 7), clients),
        ("a cap that nobody has reached", Cap(_HISTORY + 3, 7), 0),
    ]
    seconds: dict[str, list[float]] = {words: [] for words, _, _ in wishes}
    looks: list[float] = []
    for run in range(bench.runs):
        days = _APART * (run + 1)
        for each in range(_HISTORY):
            bench.step(f"history {each + 1}")
            _plan(days, None)
        for words, cap, capped in wishes:
            bench.step(words)
            seconds[words].append(_plan(days, cap, expected=capped))
        bench.step("preview")
        looks.append(_preview(days, clients))
    about = f"{clients:,} clients, {_HISTORY} mailings each before"
    for words, values in seconds.items():
        yield Row(_NAME, f"{about}: planned with {words}", "s", tuple(values))
    yield Row(_NAME, f"{about}: preview with a cap", "s", tuple(looks))


def _plan(days: timedelta, cap: Cap | None, expected: int = 0) -> float:
    """Seconds that planning takes. Raises BenchError unless so many are capped."""
    start = database_now() + days
    mailing = launch.create_mailing(
        name="",
        text=TEXT,
        audience=_EVERYONE,
        starts_at=start,
        ends_at=start + timedelta(days=1),
        local_time=False,
        gateway=default_gateway(),
        cap=cap,
        user=None,
    )
    checkpoint()
    began = time.perf_counter()
    plan(mailing)
    elapsed = time.perf_counter() - began
    if (found := counts([mailing.pk])[mailing.pk].not_sent) != expected:
        raise BenchError(f"{expected} clients should be capped and {found} are")
    return elapsed


def _preview(days: timedelta, expected: int) -> float:
    start = database_now() + days
    began = time.perf_counter()
    found = preview(
        text=TEXT,
        audience=_EVERYONE,
        starts_at=start,
        ends_at=start + timedelta(days=1),
        local_time=False,
        timezone="Europe/Moscow",
        gateway=default_gateway(),
        cap=Cap(_HISTORY, 7),
    )
    elapsed = time.perf_counter() - began
    if abs(found.crowd.capped - expected) > _ABOUT * expected:
        raise BenchError(f"{expected} clients should be capped and {found.crowd.capped} are")
    return elapsed


PART = Part(_NAME, _HISTORY + 4, _measure)
