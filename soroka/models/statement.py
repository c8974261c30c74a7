"""How the statements of the hot path are run: with their values beside them, in one round trip."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection


def run(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Execute one statement and return its rows; outside a transaction it is one of its own.

    Django's own cursor writes the values into the text, so that the server parses and plans each time; here it does so
    once a connection, where the connection stays with one session. Raises the errors that Django raises.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(statement, values, prepare=None if _may_prepare() else False)
        return cursor.fetchall()


@cache
def _may_prepare() -> bool:
    """Whether what a connection prepares is still there after its transaction.

    A pooler that hands sessions on, such as PgBouncer, shows in that it makes up the process ids of its sessions.
    """
    if settings.DATABASE_PREPARE is not None:
        return settings.DATABASE_PREPARE
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [server_process] = cursor.fetchone()
    return bool(server_process == connection.connection.info.backend_pid)
