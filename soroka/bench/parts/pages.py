"""How long every page of the desk and every list of the API takes once the tables are large, by the views."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client as Browser

from soroka.bench.addresses import LISTS, PAGES
from soroka.bench.bench import Bench, Part
from soroka.bench.errors import BenchError
from soroka.bench.figures import Row, at_most
from soroka.bench.years import leave_years

_NAME = "pages"
#: Seconds that a page may take, and in the database before that is worth a row of its own.
_MOST, _TELLING = 1, 0.1
#: What is asked for every two seconds, and the seconds that it may take in the database.
_LIVE, _MOST_LIVE = "desk: home, what goes on now", 0.02
_FINE = 200
#: Without a worker the service says that it is not ready.
_NOT_READY = 503


@dataclass
class _Times:
    """Seconds, one a run: until the answer was whole, and of those in the database."""

    whole: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)


def _measure(bench: Bench) -> Iterator[Row]:
    """Each run asks for every page once, so that none is warmer than a user would find it."""
    marks = leave_years(bench)
    wanted = {f"desk: {words}": f"/admin/{address}" for words, address in PAGES.items()}
    wanted |= {f"API: {words}": f"/{address}" for words, address in LISTS.items()}
    found = {words: _Times() for words in wanted}
    browser = Browser(headers={"host": "localhost", "accept-language": "en"})
    browser.force_login(User.objects.get(username="admin"))
    for run in range(bench.runs):
        bench.step(f"asking for {len(wanted)} pages, {run + 1}")
        for words, address in wanted.items():
            _ask(browser, address.format(**marks), found[words])
    for words, times in found.items():
        yield Row(_NAME, words, "s", tuple(times.whole), at_most(_MOST))
        most = at_most(_MOST_LIVE) if words == _LIVE else None
        in_database = Row(_NAME, f"{words}: in the database", "s", tuple(times.database), most)
        if most or in_database.median >= _TELLING:
            yield in_database
    runs = zip(*(times.database for times in found.values()), strict=True)
    yield Row(_NAME, f"all {len(found)} pages together: in the database", "s", tuple(map(sum, runs)))


def _ask(browser: Browser, address: str, times: _Times) -> None:
    """Fetch a page. Raises BenchError where there is something else at the address."""
    before = _active()
    began = time.perf_counter()
    answer = browser.get(address)
    size = len(answer.getvalue())
    times.whole.append(time.perf_counter() - began)
    times.database.append(_active() - before)
    if not size or answer.status_code not in (_FINE, _NOT_READY):
        raise BenchError(f"{address} answers {answer.status_code} with {size} bytes")


def _active() -> float:
    """Seconds that sessions of the database have spent on statements so far.

    They are added up when a session has something else to tell as well, which is that it has read a table.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush() FROM django_migrations LIMIT 1")
        cursor.execute("SELECT active_time / 1000 FROM pg_stat_database WHERE datname = current_database()")
        return float(cursor.fetchone()[0])


PART = Part(_NAME, 2, _measure)
