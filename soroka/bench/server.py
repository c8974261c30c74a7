"""What PostgreSQL writes to its log and uses of the processor."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from soroka.bench.mailings import checkpoint
from soroka.bench.processes import cpu_of_tree
from soroka.bench.roles import PUMP
from soroka.bench.waiting import wait_until

_PUMPS = f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{PUMP}'"  # noqa: S608


def wal_position() -> int:
    """Bytes of the log so far; the difference of two is what was written in between, by anybody."""
    return int(_value("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"))


def cpu_seconds(pid: int) -> float:
    """CPU seconds of the server, whose first process is ``pid``, so far; read once the pumps' connections have ended:
    a process that ends while it is being counted may be missed.
    """
    _wait_for_pumps_to_end()
    return cpu_of_tree(pid)


def full_page_images() -> int:
    """How many images of full pages were logged so far. What a connection did is counted when it has ended."""
    _wait_for_pumps_to_end()
    return int(_value("SELECT wal_fpi FROM pg_stat_wal"))


@contextmanager
def without_full_pages() -> Iterator[None]:
    """Leave the images of full pages out, which depend on the distance between checkpoints and not on us."""
    _set_full_pages("off")
    try:
        yield
    finally:
        _set_full_pages("on")


def _wait_for_pumps_to_end() -> None:
    wait_until(lambda: _value(_PUMPS) == "0", "the pumps' connections to end", 10)


def _set_full_pages(word: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER SYSTEM SET full_page_writes = {word}")
        cursor.execute("SELECT pg_reload_conf()")
    wait_until(lambda: _value("SHOW full_page_writes") == word, "PostgreSQL to reload its settings", 10)
    checkpoint()  # the checkpointer has read the new setting by its end


def _value(query: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return str(cursor.fetchone()[0])
