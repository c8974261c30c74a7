"""Nothing may need a session of PostgreSQL that stays ours between two transactions: PgBouncer gives it to others."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection

from soroka.models import Tag, locks
from soroka.models.locks import (
    LONGEST_TURN,
    PREPARE,
    PUMP,
    TICK,
    Slot,
    leave_slot,
    one_after_another,
    only_one,
    take_slot,
)
from soroka.models.statement import run
from tests.integration.conftest import other_connection

pytestmark = pytest.mark.django_db(transaction=True)
Eventually = Callable[..., Any]

HOLD_A_SLOT = """
import django; django.setup()
from soroka.models.locks import PUMP, take_slot
holder = take_slot(PUMP, 1)
print("held" if holder else "taken", flush=True)
input()
"""


def backend(slot: Slot) -> int:
    """The server process that holds it."""
    pid: int = slot.holder.connection.info.backend_pid
    return pid


def activity(pid: int, column: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM pg_stat_activity WHERE pid = %s", [pid])
        found = cursor.fetchone()
    return found and found[0]


@contextmanager
def slot_of(slots: int) -> Iterator[Slot | None]:
    slot = take_slot(PUMP, slots)
    try:
        yield slot
    finally:
        if slot:
            leave_slot(slot)


def test_no_two_purposes_share_a_lock() -> None:
    keys = [key for name, key in vars(locks).items() if name.isupper() and isinstance(key, int) and key > LONGEST_TURN]
    assert len(keys) > 5
    assert len(set(keys)) == len(keys)


def test_there_are_as_many_slots_as_are_asked_for_and_one_given_back_is_free() -> None:
    with slot_of(2), slot_of(2):
        pass
    with slot_of(2) as first, slot_of(2) as second:
        assert first
        assert second
        assert (first.number, second.number) == (0, 1)
        with slot_of(2) as third:
            assert third is None
        with slot_of(3) as wider:
            assert wider  # another host may have been told of more
            assert wider.number == 2


def test_a_slot_is_not_held_by_the_connection_that_works() -> None:
    with only_one(TICK) as ours, connection.cursor() as cursor:
        assert ours
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone() == (0,)


def test_a_slot_holds_back_no_cleaning_of_old_rows() -> None:
    with slot_of(1) as slot:
        assert slot
        assert activity(backend(slot), "state") == "idle in transaction"
        assert activity(backend(slot), "coalesce(backend_xmin, backend_xid)") is None


def test_a_slot_whose_connection_is_lost_is_free_and_is_given_back_without_a_word(eventually: Eventually) -> None:
    with slot_of(1) as slot, connection.cursor() as cursor:
        assert slot
        cursor.execute("SELECT pg_terminate_backend(%s)", [backend(slot)])
        with_another = eventually(lambda: take_slot(PUMP, 1))
        leave_slot(with_another)


def test_a_slot_that_is_held_for_longer_than_it_may_is_taken_back(eventually: Eventually) -> None:
    with other_connection() as call, only_one(TICK, seconds=1):
        eventually(lambda: call(take_and_leave).result(10))


def take_and_leave() -> bool:
    with only_one(TICK) as ours:
        return ours


def test_a_killed_process_frees_its_slot_at_once(eventually: Eventually) -> None:
    name = connection.settings_dict["NAME"]
    url = os.environ["DATABASE_URL"].replace("/postgres", f"/{name}", 1)
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "soroka.config.settings"}
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD_A_SLOT], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        with slot_of(1) as ours:
            assert ours is None
        process.send_signal(signal.SIGKILL)
        leave_slot(eventually(lambda: take_slot(PUMP, 1)))


def test_one_waits_for_another_for_as_long_as_it_said() -> None:
    with other_connection() as call, one_after_another(PREPARE, wait=5):
        waiting = call(wait_and_go_on)
        with pytest.raises(OperationalError, match="held by another for 1 s"):
            waiting.result(10)
    wait_and_go_on()


def wait_and_go_on(wait: int = 1) -> None:
    with one_after_another(PREPARE, wait=wait):
        pass


def lockers() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND query LIKE '%advisory_xact_lock%'"
        )
        return int(cursor.fetchone()[0])


def test_who_waits_keeps_nobody_from_making_an_index(eventually: Eventually) -> None:
    """Whoever holds the lock of preparations may be making one, which waits for every snapshot there is."""
    with other_connection() as call:
        with one_after_another(PREPARE, wait=5):
            waiting = call(wait_and_go_on, wait=30)
            eventually(lambda: lockers() == 2)  # who holds it and who waits
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '5s'")
                cursor.execute("CREATE INDEX CONCURRENTLY made_meanwhile ON soroka_tag (name)")
                cursor.execute("DROP INDEX made_meanwhile")
                cursor.execute("RESET lock_timeout")
            assert not waiting.done()
        waiting.result(10)


def test_no_cursor_stays_in_the_session_between_two_reads() -> None:
    Tag.objects.bulk_create(Tag(name=name) for name in ("one", "two"))
    rows = Tag.objects.iterator(chunk_size=1)
    next(rows)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_cursors")
        assert cursor.fetchone() == (0,)


def test_a_statement_of_the_hot_path_is_prepared_where_the_session_is_ours() -> None:
    for _ in range(4):
        run("SELECT %(one)s::int AS hot", {"one": 1})
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%AS hot'")
        assert cursor.fetchone() == (1,)
