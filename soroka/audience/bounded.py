"""Questions about the audience that may be asked of ten million clients: each of them has a limit."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.errors import QueryCanceled

#: Seconds that one statement may take where a person looks on.
LIMIT = 10


class TooSlow(Exception):
    """The answer was not there in time."""


@contextmanager
def bounded_cursor(limit: float | None = None) -> Iterator[CursorWrapper]:
    """A cursor in a transaction of its own, each of whose statements has a limit, seconds. Raises TooSlow."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{limit or LIMIT}s"])
            yield cursor
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooSlow from error
        raise
