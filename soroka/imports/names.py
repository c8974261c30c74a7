"""Tags and zones are named by callers and held by number: from the one to the other, a statement for all of them."""

from collections.abc import Collection, Iterable

from django.db import connection

from soroka.domain.schedule import known_zone
from soroka.models import Zone

_KNOWN_TAGS = """
SELECT wanted.name, tag.id FROM unnest(%s::text[]) AS wanted(name)
  JOIN soroka_tag tag ON lower(tag.name) = lower(wanted.name)
"""

# In the order of their names: two imports that make the same tags do not wait for each other in a circle.
_MAKE_TAGS = """
INSERT INTO soroka_tag (name)
SELECT DISTINCT ON (lower(name)) name FROM unnest(%s::text[]) AS wanted(name) ORDER BY lower(name)
    ON CONFLICT DO NOTHING
"""


def known_tags(names: Collection[str]) -> dict[str, int]:
    """The ids of those tags that exist, by the name as it was asked for; case is ignored, by the database's rules."""
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN_TAGS, [list(names)])
        return dict(cursor.fetchall())


def made_tags(names: Collection[str]) -> dict[str, int]:
    """The ids of tags by name as asked for; those that do not exist are made."""
    found = known_tags(names)
    missing = [name for name in names if name not in found]
    if not missing:
        return found
    with connection.cursor() as cursor:
        cursor.execute(_MAKE_TAGS, [missing])
    return found | known_tags(missing)


def imagined_tags(names: Collection[str]) -> dict[str, int]:
    """As ``made_tags``, and nothing is made: a tag that does not exist has a number that no tag has."""
    return dict.fromkeys(names, -1) | known_tags(names)


def zone_row(name: str) -> Zone:
    """The row of an IANA zone, made where no client lived there yet. Raises UnknownZone."""
    known_zone(name)
    return Zone.objects.get_or_create(name=name)[0]


def zone_ids(names: Iterable[str]) -> dict[str, int]:
    """The ids of zones by name. Raises UnknownZone."""
    return {name: zone_row(name).pk for name in names}
