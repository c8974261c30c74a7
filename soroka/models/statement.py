"""How the statements of the hot path are run: with their values beside them, in one round trip."""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import connection


def run(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Execute one statement and return its rows; outside a transaction it is one of its own.

    Django's own cursor writes the values into the text, so that the server parses and plans each time; here it does so
    once a connection, where ``DATABASE_PREPARE`` allows it. Raises the errors that Django raises.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()
