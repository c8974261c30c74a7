from datetime import datetime

from django.db import connection


def database_now() -> datetime:
    """The moment by the database's clock, UTC: the only clock that counts for what is due."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now
