"""Advisory locks in PostgreSQL: their numbers, so that no two purposes share one, and slots made of them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

#: Planning slices hold it shared, whoever changes a client's right to be written to holds it exclusive:
#: neither misses what the other has not committed yet.
AUDIENCE = 7_302_001
#: Migrations and first data, once at a time.
PREPARE = 7_302_002

# Kinds of slots, the first key of a pair whose second is the slot's number.
#: Pumps at work, over all workers and hosts.
PUMP = 7_302_101
#: One planner, one import and one tick at a time: whatever comes, a worker keeps processes for the others.
PLANNING = 7_302_102
IMPORT = 7_302_103
TICK = 7_302_104


def take_slot(kind: int, slots: int) -> int | None:
    """The number of a free slot, from now on held by this connection; None where all are taken. Does not wait."""
    with connection.cursor() as cursor:
        for slot in range(slots):
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [kind, slot])
            if cursor.fetchone()[0]:
                return slot
    return None


def leave_slot(kind: int, slot: int) -> None:
    """Give a slot back, on the connection that took it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [kind, slot])


@contextmanager
def only_one(kind: int) -> Iterator[bool]:
    """Whether the only slot of this kind is ours for the duration."""
    slot = take_slot(kind, 1)
    try:
        yield slot is not None
    finally:
        if slot is not None:
            leave_slot(kind, slot)
