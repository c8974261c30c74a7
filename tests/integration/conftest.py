import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection

from soroka.audience.filter import Filter
from soroka.delivery.ports import Answers, Lease
from soroka.domain.verdict import Verdict
from soroka.models import Batch, Client, Gateway, Mailing, Tag, Zone
from soroka.planning.launch import create_mailing, plan
from soroka.queue.claim import Pump, claim

PHONES = count(79160000000)


@pytest.fixture
def gateway(transactional_db: None) -> Gateway:
    return Gateway.objects.create(name="default")


@pytest.fixture
def make_clients(transactional_db: None) -> Callable[..., list[Client]]:
    def make(number: int, zone: str = "Europe/Moscow", **fields: Any) -> list[Client]:
        place, _ = Zone.objects.get_or_create(name=zone)
        defaults = {"operator_code": 916, "zone": place} | fields
        return Client.objects.bulk_create(Client(phone=next(PHONES), **defaults) for _ in range(number))

    return make


@pytest.fixture
def make_mailing(gateway: Gateway) -> Callable[..., Mailing]:
    """A mailing to everybody, planned whole unless ``planned=False``."""

    def make(*, planned: bool = True, starts_in: float | None = None, ends_in: float = 3600, **fields: Any) -> Mailing:
        now = datetime.now(UTC)
        values: dict[str, Any] = {
            "name": "",
            "text": "Добрый день!",
            "audience": Filter(everyone=True),
            "starts_at": None if starts_in is None else now + timedelta(seconds=starts_in),
            "ends_at": now + timedelta(seconds=ends_in),
            "local_time": False,
            "gateway": gateway,
            "user": None,
        }
        mailing = create_mailing(**(values | fields))
        if planned:
            assert plan(mailing.pk, seconds=60)
        return mailing

    return make


@pytest.fixture
def pump() -> Pump:
    return Pump(owner=1, lease_seconds=15)


@pytest.fixture
def claim_one(gateway: Gateway, pump: Pump) -> Callable[[], Lease]:
    def take() -> Lease:
        (lease,) = claim(pump, gateway.pk, 1)
        return lease

    return take


def answers(accepted: Iterable[int] = (), *verdicts: Verdict, late: Iterable[float] = ()) -> Answers:
    return Answers([*accepted], [*verdicts], [*late])


def lapse(batch_id: int) -> None:
    """Let the lease of a batch run out."""
    Batch.objects.filter(pk=batch_id).update(lease_until=datetime.now(UTC) - timedelta(seconds=1))


@contextmanager
def other_connection() -> Iterator[Callable[..., Future[Any]]]:
    """Calls made through this run on a second connection, in a thread of their own."""
    with ThreadPoolExecutor(1) as thread:
        yield lambda call, *args, **kwargs: thread.submit(call, *args, **kwargs)
        thread.submit(lambda: connection.close()).result(10)  # the thread's own


def wait_until_blocked(timeout: float = 10) -> None:
    """Return once some connection of this database waits for a lock of another."""
    end = threading.Event()
    for _ in range(int(timeout / 0.02)):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees the first look for ever otherwise
            cursor.execute(
                "SELECT exists(SELECT FROM pg_stat_activity WHERE datname = current_database()"
                " AND cardinality(pg_blocking_pids(pid)) > 0)"
            )
            if cursor.fetchone()[0]:
                return
        end.wait(0.02)
    pytest.fail("nobody waited for a lock")


__all__ = ["Tag", "answers", "lapse", "other_connection", "wait_until_blocked"]
