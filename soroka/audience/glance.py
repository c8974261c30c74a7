"""A look at an audience while somebody still says whom he means: what can be told of it within a few seconds."""

from soroka.audience.bounded import bounded_cursor
from soroka.audience.filter import Filter

# A probe a zone: there are dozens of them, and the first client who is taken ends it.
_ZONES = """
SELECT z.name FROM soroka_zone z
 WHERE EXISTS (SELECT FROM soroka_client c WHERE c.zone_id = z.id AND {where}) ORDER BY 1
"""
_FEW = "SELECT c.id FROM soroka_client c WHERE {where} LIMIT %(most)s"


def zones_of(audience: Filter, limit: float) -> list[str]:
    """The names of the zones in which somebody of the audience lives. limit: seconds.  Raises TooSlow."""
    where, values = audience.where()
    with bounded_cursor(limit) as cursor:
        cursor.execute(_ZONES.format(where=where), values)
        return [name for (name,) in cursor.fetchall()]


def few_of(audience: Filter, most: int, limit: float) -> list[int]:
    """The ids of some clients of the audience, in order: those that are found first. Raises TooSlow."""
    where, values = audience.where()
    with bounded_cursor(limit) as cursor:
        cursor.execute(_FEW.format(where=where), values | {"most": most})
        return sorted(client_id for (client_id,) in cursor.fetchall())
