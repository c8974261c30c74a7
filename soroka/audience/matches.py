"""How many clients a filter takes, exactly, and a few of them."""

from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper

from soroka.audience.bounded import bounded_cursor
from soroka.audience.filter import Filter
from soroka.models.client import FEW_TAGS

SAMPLE = 5
#: Up to so many are all looked up for a sample: that goes by the same indexes as the count. Of more of them there are
#: enough that the first will be found soon.
_RARE = 10_000

# Two counts, because the index that answers the first without reading a client's row takes only so many tags.
_COUNT = f"""
SELECT (SELECT count(*) FROM soroka_client c WHERE cardinality(c.tag_ids) <= {FEW_TAGS} AND {{where}})
     + (SELECT count(*) FROM soroka_client c WHERE cardinality(c.tag_ids) > {FEW_TAGS} AND {{where}})
"""  # noqa: S608

_SOME = "SELECT c.id FROM soroka_client c WHERE {where} LIMIT %(sample)s"
_FIRST = "SELECT id FROM (SELECT c.id FROM soroka_client c WHERE {where} OFFSET 0) found ORDER BY id LIMIT %(sample)s"


@dataclass(frozen=True, slots=True)
class Matches:
    """count: all of them.  sample: ids of up to ``SAMPLE``."""

    count: int
    sample: list[int]


def matches(audience: Filter, limit: float | None = None) -> Matches:
    """Whom a filter takes now. limit: seconds, for each of two statements; else ``bounded.LIMIT``.  Raises TooSlow."""
    with bounded_cursor(limit) as cursor:
        count = _count(cursor, audience)
        return Matches(count, _sample(cursor, audience, _FIRST if count <= _RARE else _SOME))


def _count(cursor: CursorWrapper, audience: Filter) -> int:
    where, values = audience.where()
    cursor.execute(_COUNT.format(where=where), values)
    return int(cursor.fetchone()[0])


def _sample(cursor: CursorWrapper, audience: Filter, query: str) -> list[int]:
    where, values = audience.where()
    cursor.execute(query.format(where=where), values | {"sample": SAMPLE})
    return sorted(client_id for (client_id,) in cursor.fetchall())
