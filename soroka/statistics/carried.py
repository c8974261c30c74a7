"""How many clients carry a tag: kept as they change, for counting them would take seconds over ten million (ADR 33)."""

from collections.abc import Collection

from django.db import connection

_SUM = "SELECT tag_id, sum(clients)::bigint FROM soroka_tagcount WHERE tag_id = ANY(%s) GROUP BY tag_id"
# Whoever deletes a row adds it up: two that fold at once do not see each other's sums, and count nothing twice.
_FOLD = """
WITH several AS (
    SELECT tag_id FROM soroka_tagcount GROUP BY tag_id HAVING count(*) > 1 LIMIT %(limit)s
), gone AS (
    DELETE FROM soroka_tagcount kept USING several WHERE kept.tag_id = several.tag_id
    RETURNING kept.tag_id, kept.clients
)
INSERT INTO soroka_tagcount (tag_id, clients)
SELECT tag_id, sum(clients) FROM gone GROUP BY tag_id HAVING sum(clients) <> 0
"""
#: Tags that one tick adds up.
_MOST = 1_000


def carried(tag_ids: Collection[int]) -> dict[int, int]:
    """The clients of each of the tags, exact now; a tag that nobody ever had is left out."""
    with connection.cursor() as cursor:
        cursor.execute(_SUM, [list(tag_ids)])
        return dict(cursor.fetchall())


def fold() -> None:
    """Leave one row of a tag where there are several."""
    with connection.cursor() as cursor:
        cursor.execute(_FOLD, {"limit": _MOST})
