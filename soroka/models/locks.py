"""Advisory locks in PostgreSQL: their numbers, so that no two purposes share one, and slots made of them.

A lock is held by an open transaction on a connection of its own, never by the session and never by the transaction
that does the work (ADR 13): PgBouncer may then give the session to others, and no row and no snapshot is held for long.
The connection's loss gives the lock back while its holder works on; that is harmless, as rows have their own guards.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

from django.db import Error, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

#: Planning slices hold it shared, whoever changes a client's right to be written to holds it exclusive:
#: neither misses what the other has not committed yet.
AUDIENCE = 7_302_001
#: Migrations and first data, once at a time.
PREPARE = 7_302_002
#: Who appends to the ledger of consents or changes the suppression list holds it exclusive, who makes a client shared.
#: It is the last lock of a transaction.
CONSENTS = 7_302_003
#: Planning slices of mailings with a cap, one after another: each counts what those before it have planned. Taken
#: before ``AUDIENCE``.
CAP = 7_302_004
#: Who keeps an uploaded file holds it shared. Who erases a client tries it exclusive, under ``AUDIENCE``: no file that
#: may name him is passed over because it is not committed yet, and two who erase do not meet at it.
UPLOADS = 7_302_005

# Kinds of slots, the first key of a pair whose second is the slot's number.
#: Pumps at work, over all workers and hosts.
PUMP = 7_302_101
#: One planner, one import and one tick at a time: whatever comes, a worker keeps processes for the others.
PLANNING = 7_302_102
IMPORT = 7_302_103
TICK = 7_302_104

#: Seconds that a slot is held at most, unless its kind says otherwise: a host that lost its power cannot give it back.
#: It is Celery's limit of a task, which ends sooner.
LONGEST_TURN = 120
#: Seconds between two looks at a lock that another holds.
_LOOK_AGAIN = 0.2

# The limit stops the series at the first lock that is taken; one too many would be harmless, and back with the others.
_TAKE = "SELECT slot FROM generate_series(0, %s - 1) AS slot WHERE pg_try_advisory_xact_lock(%s, slot) LIMIT 1"
_LIMIT_HOLD = "SELECT set_config('idle_in_transaction_session_timeout', %s, true)"


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot that is ours. number: from 0.  holder: the connection whose open transaction holds it."""

    number: int
    holder: BaseDatabaseWrapper


def take_slot(kind: int, slots: int, *, seconds: int = LONGEST_TURN) -> Slot | None:
    """The first free slot, ours from now on; None where all are taken. Does not wait.

    seconds: how long it may be held at most.  Give it back by ``leave_slot``, in the same thread.
    """
    with ExitStack() as stack:
        holder = _begin()
        stack.callback(_end, holder)
        with holder.cursor() as cursor:
            cursor.execute(_TAKE, [slots, kind])
            if (taken := cursor.fetchone()) is None:
                return None
            cursor.execute(_LIMIT_HOLD, [f"{seconds}s"])
        stack.pop_all()
    return Slot(taken[0], holder)


def leave_slot(slot: Slot) -> None:
    """Give a slot back. Raises nothing: one whose connection was lost is back already."""
    _end(slot.holder)


@contextmanager
def only_one(kind: int, *, seconds: int = LONGEST_TURN) -> Iterator[bool]:
    """Whether the only slot of this kind is ours for the duration.

    seconds: how long it may be held at most.
    """
    slot = take_slot(kind, 1, seconds=seconds)
    try:
        yield slot is not None
    finally:
        if slot is not None:
            leave_slot(slot)


@contextmanager
def one_after_another(key: int, *, wait: int) -> Iterator[None]:
    """Wait for a lock and hold it for the duration, however long.

    wait: seconds, after which OperationalError is raised.
    """
    holder = _begin()
    end = time.monotonic() + wait
    try:
        with holder.cursor() as cursor:
            cursor.execute(_LIMIT_HOLD, ["0"])
            while not _has_taken(cursor, key):
                if time.monotonic() > end:
                    raise OperationalError(f"The lock {key} was held by another for {wait} s.")
                time.sleep(_LOOK_AGAIN)
        yield
    finally:
        _end(holder)


def _has_taken(cursor: CursorWrapper, key: int) -> bool:
    """Whether the lock is ours now.

    Not by one statement that waits: its snapshot would keep ``CREATE INDEX CONCURRENTLY`` waiting, and who holds the
    lock may be making an index.
    """
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [key])
    return bool(cursor.fetchone()[0])


def _begin() -> BaseDatabaseWrapper:
    """A second connection of this thread, whose next statement begins a transaction."""
    holder = connection.copy()
    holder.set_autocommit(False)
    return holder


def _end(holder: BaseDatabaseWrapper) -> None:
    """Whatever state it is in."""
    with suppress(Error):
        holder.rollback()  # a connection that is closed in a transaction costs PgBouncer its own to the server
    with suppress(Error):
        holder.close()
