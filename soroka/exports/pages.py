"""Rows of a table that may have millions: a short statement a page, and nothing held between two of them."""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import QuerySet

#: Rows a page. A client may have 100 kB of attributes: it is what bounds the memory.
PAGE = 1_000


def pages(rows: QuerySet[Any], *columns: str) -> Iterator[list[tuple[Any, ...]]]:
    """Tuples of the columns, the first of which is unique, by the ascending order of it.

    Each page begins after the last row of the one before: a row that is always there comes once, and what is written
    meanwhile may come or not. Whoever reads slowly keeps no transaction open and no connection.
    """
    key = columns[0]
    found = rows.order_by(key).values_list(*columns)
    page = list(found[:PAGE])
    while page:
        if not connection.in_atomic_block:
            connection.close()
        yield page
        page = list(found.filter(**{f"{key}__gt": page[-1][0]})[:PAGE])
