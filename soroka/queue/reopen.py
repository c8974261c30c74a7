"""Give batches whose send window has closed their next opening, or close them where none is left."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

import orjson
from django.db import connection, transaction

from soroka.domain.message import Reason
from soroka.domain.schedule import known_zone
from soroka.domain.send_window import Reopening, SendWindow
from soroka.models.clock import database_now

# Those of paused mailings and stopped gateways too: they wait in an opening that is not over.
_SHUT = """
SELECT b.id, m."window", z.name, b.expires_at, b.deadline
  FROM soroka_batch b
  JOIN soroka_mailing m ON m.id = b.mailing_id
  JOIN soroka_zone z ON z.id = b.zone_id
 WHERE b.state = 0 AND b.expires_at <= clock_timestamp() AND b.deadline IS NOT NULL
 ORDER BY b.id LIMIT %s FOR UPDATE OF b SKIP LOCKED
"""

# A backoff that goes beyond the opening goes on.
_REOPEN = """
UPDATE soroka_batch b
   SET opens_at = o.opens_at, next_at = greatest(b.next_at, o.opens_at), expires_at = o.closes_at,
       shut_seconds = b.shut_seconds + o.shut
  FROM unnest(%(ids)s::bigint[], %(opens)s::timestamptz[], %(closes)s::timestamptz[], %(shut)s::float8[])
           AS o(id, opens_at, closes_at, shut)
 WHERE b.id = o.id
"""

_EXPIRE = "UPDATE soroka_batch SET state = 2, closing = %s WHERE id = ANY(%s)"


def reopen(limit: int = 1000) -> int:
    """Give up to ``limit`` batches past ``expires_at`` their next opening; returns how many there were.

    Those with none before their deadline are marked for closing: nothing can be sent of them any more.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SHUT, [limit])
        if shut := cursor.fetchall():
            found = _reopenings(shut)
            cursor.execute(_REOPEN, _columns({key: each for key, each in found.items() if each}))
            cursor.execute(_EXPIRE, [Reason.EXPIRED, [key for key, each in found.items() if each is None]])
    return len(shut)


def _reopenings(shut: Sequence[tuple[Any, ...]]) -> dict[int, Reopening | None]:
    """By the ids of batches; found once for those of a mailing and a zone."""
    now = database_now()

    @cache
    def found(window: str, zone: str, closed_at: datetime, deadline: datetime) -> Reopening | None:
        hours = SendWindow.from_json(orjson.loads(window))
        return hours.reopening(known_zone(zone), closed_at, deadline, now=now)

    return {batch_id: found(*when) for batch_id, *when in shut}


def _columns(found: dict[int, Reopening]) -> dict[str, list[Any]]:
    """For ``unnest``."""
    return {
        "ids": list(found),
        "opens": [each.opening.opens_at for each in found.values()],
        "closes": [each.opening.closes_at for each in found.values()],
        "shut": [each.shut.total_seconds() for each in found.values()],
    }
