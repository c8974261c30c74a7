"""Who of an audience has had, or is to get, as many messages as the cap of a mailing allows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from soroka.domain.cap import Cap
from soroka.models import Message

# What counts: delivered, still in process, or in doubt, which may have come. Not what is about to be closed unsent.
# Looked for in mailings only that have something due within the days of the cap: the unique index of messages makes
# that one probe a mailing and client, or one range of it. A message finds its batch by the thousand that its id lies
# in: joined by the range of ids alone, every message would be held against every batch.
# It counts when its batch is due, or its window opened again for it; what was sent in an opening before that, then.
_CROWDED = """
fitting AS MATERIALIZED (
    SELECT c.id, moment.due_at FROM soroka_client c JOIN moment ON moment.zone_id = c.zone_id AND NOT moment.late
     WHERE c.id > %(after)s AND c.id <= %(to)s AND {where}
), near AS MATERIALIZED (
    SELECT b.mailing_id, b.id_from, b.id_to, greatest(b.due_at, b.opens_at) AS opens_at, b.state,
           generate_series(b.id_from / 1000, b.id_to / 1000) AS block
      FROM soroka_batch b
     WHERE (b.due_at > (SELECT min(due_at) FROM moment) - %(stretch)s::interval
            OR b.opens_at > (SELECT min(due_at) FROM moment) - %(stretch)s::interval)
       AND b.due_at < (SELECT max(due_at) FROM moment) + %(stretch)s::interval
       AND b.mailing_id NOT IN (0, %(mailing)s)
), company AS (
    SELECT fitting.id, fitting.due_at AS own, counted.at
      FROM soroka_message m
      JOIN fitting ON fitting.id = m.client_id
      JOIN near ON near.block = m.id / 1000 AND m.id BETWEEN near.id_from AND near.id_to
     CROSS JOIN LATERAL (SELECT least(near.opens_at, m.settled_at) AS at) counted
     WHERE m.mailing_id = ANY (ARRAY(SELECT DISTINCT mailing_id FROM near))
       AND m.client_id > %(after)s AND m.client_id <= %(to)s
       AND (m.status = 1 OR m.reason = 7 OR (m.status = 0 AND near.state < 2))
       AND counted.at > fitting.due_at - %(stretch)s::interval
       AND counted.at < fitting.due_at + %(stretch)s::interval
), crowded AS MATERIALIZED (
    SELECT id
      FROM (SELECT id, own, at, count(*) OVER (
                PARTITION BY id ORDER BY at
                RANGE BETWEEN CURRENT ROW AND %(stretch)s::interval - interval '1 microsecond' FOLLOWING) AS together
              FROM company) stretch
     GROUP BY id
    HAVING max(together) FILTER (WHERE at <= own) >= %(most)s OR count(*) FILTER (WHERE at >= own) >= %(most)s
)"""

_COMPANY = """
SELECT m.id, g.id, g.name, counted.at
  FROM soroka_batch own
  JOIN LATERAL (
    SELECT DISTINCT b.mailing_id FROM soroka_batch b
     WHERE (b.due_at > own.due_at - %(stretch)s::interval OR b.opens_at > own.due_at - %(stretch)s::interval)
       AND b.due_at < own.due_at + %(stretch)s::interval
       AND b.mailing_id NOT IN (0, own.mailing_id)
  ) near ON true
  JOIN soroka_mailing g ON g.id = near.mailing_id
  JOIN soroka_message m ON m.mailing_id = g.id AND m.client_id = %(client)s AND m.id < %(message)s
  JOIN soroka_batch batch ON batch.mailing_id = g.id AND m.id BETWEEN batch.id_from AND batch.id_to
 CROSS JOIN LATERAL (SELECT least(greatest(batch.due_at, batch.opens_at), m.settled_at) AS at) counted
 WHERE own.mailing_id = %(mailing)s AND %(message)s BETWEEN own.id_from AND own.id_to
   AND (m.status = 1 OR m.reason = 7 OR (m.status = 0 AND batch.state < 2))
   AND counted.at > own.due_at - %(stretch)s::interval AND counted.at < own.due_at + %(stretch)s::interval
 ORDER BY counted.at, m.id
"""

# The planner of the database cannot know how much the common tables hold. Where it takes them to be all but empty, it
# would hold every message against every batch; a hash of what is empty costs nothing.
_HASH = "SELECT set_config('enable_nestloop', 'off', true)"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another message of the same client. at: the moment at which it counts, UTC."""

    message: int
    mailing: int
    name: str
    at: datetime


def crowded(cap: Cap, where: str) -> tuple[str, dict[str, Any]]:
    """The common table ``crowded`` of the ids of clients for whom the cap leaves no room, and its values.

    where: a condition over ``soroka_client c``.  It reads the table ``moment`` and the values ``after``, ``to`` and
    ``mailing``, the one that is planned. The caller holds the lock ``CAP``, or is content with a guess, and has called
    ``have_hashed``.
    """
    return _CROWDED.replace("{where}", where), {"most": cap.messages, "stretch": f"{cap.days} days"}


def have_hashed(cursor: CursorWrapper) -> None:
    """Have the statements of this transaction that read ``crowded`` join its tables by hashes."""
    cursor.execute(_HASH)


def neighbours(message: Message, cap: Cap) -> list[Neighbour]:
    """The messages that left no room for a capped one: planned before it, within the days of the cap, by time.

    Those that still count: what was withdrawn, refused or put off to other days since is not among them.
    """
    values: dict[str, Any] = {
        "message": message.pk,
        "mailing": message.mailing_id,
        "client": message.client_id,
        "stretch": f"{cap.days} days",
    }
    with connection.cursor() as cursor:
        cursor.execute(_COMPANY, values)
        return [Neighbour(*row) for row in cursor.fetchall()]
