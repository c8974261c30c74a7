"""The clients of a benchmark, made by the database itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from soroka.models import Client, Tag, Zone

#: The eleven zones of Russia; every eleventh client lives in each.
ZONES = (
    "Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk", "Asia/Krasnoyarsk",
    "Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok", "Asia/Magadan", "Asia/Kamchatka",
)  # fmt: skip
#: Each client has one of the first five tags and one of the other ten.
TAGS = tuple(f"tag {number}" for number in range(1, 16))
#: A hundred operator codes from this one on.
FIRST_CODE = 900
#: Clients that one statement makes.
_AT_ONCE = 1_000_000

_MAKE = """
INSERT INTO soroka_client (id, phone, operator_code, tag_ids, zone_id, attributes, opted_out, updated_at)
SELECT n, 70000000000 + (%(code)s + n %% 100) * 10000000 + n / 100, %(code)s + n %% 100,
       ARRAY[(%(tags)s::int[])[1 + n / 100 %% 5], (%(tags)s::int[])[6 + n / 500 %% 10]],
       (%(zones)s::int[])[1 + n %% 11], '{"name": "Мария"}', false, now()
  FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
"""
_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
 WHERE tablename = 'soroka_client' AND indexname NOT IN (SELECT conname FROM pg_constraint)
"""


def make_clients(count: int) -> None:
    """See to it that there are at least ``count`` clients, with the ids 1, 2, 3 and so on."""
    have = Client.objects.order_by("-id").values_list("id", flat=True).first() or 0
    if have >= count:
        return
    values: dict[str, Any] = {
        "code": FIRST_CODE,
        "tags": [Tag.objects.get_or_create(name=name)[0].pk for name in TAGS],
        "zones": [Zone.objects.get_or_create(name=name)[0].pk for name in ZONES],
    }
    with connection.cursor() as cursor, without_indexes():
        for first in range(have + 1, count + 1, _AT_ONCE):
            cursor.execute(_MAKE, values | {"first": first, "last": min(first + _AT_ONCE - 1, count)})
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('soroka_client', 'id'), %s)", [count])
        cursor.execute("VACUUM ANALYZE soroka_client")


@contextmanager
def without_indexes() -> Iterator[None]:
    """Build the indexes that no constraint needs afterwards: a tenth of the time."""
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES)
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for _, definition in indexes:
            cursor.execute(definition)
        cursor.execute("RESET maintenance_work_mem")
