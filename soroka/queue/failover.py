"""Hand what is due at a gateway that is down to the next one that its mailing names."""

from django.db import connection

# Down is a gateway that is stopped, that had to be left alone three times in a row, that asked to be left alone for
# long, or that hangs: its pause has been over for a while and no probe of it was answered.
# What is not due yet, or waits for its window, stays: its gateway may be well by then. So does what would find nothing
# to be offered elsewhere, because it is in doubt here. A gateway that may be asked again keeps one batch, unless
# somebody asks it just now: else nobody would find out that it is well. The pauses that it led to are not the next
# one's concern.
_MOVE = """
WITH fares AS MATERIALIZED (
    SELECT id, paused_until,
           stopped_at IS NOT NULL OR trouble >= 3 OR paused_until > clock_timestamp() + interval '30 seconds'
           OR (trouble > 0 AND paused_until < clock_timestamp() - interval '20 seconds') AS down
      FROM soroka_gateway
), here AS MATERIALIZED (
    SELECT g.id, CASE WHEN g.paused_until <= clock_timestamp() + interval '1 second'
                       AND NOT exists(SELECT FROM soroka_batch b WHERE b.gateway_id = g.id AND b.state = 1)
                      THEN (SELECT b.id FROM soroka_batch b
                             WHERE b.gateway_id = g.id AND b.state = 0 AND NOT b.held
                               AND b.next_at <= clock_timestamp() + interval '1 second'
                             ORDER BY b.mailing_id, b.next_at, b.id LIMIT 1) END AS probe
      FROM fares g WHERE g.down
), moving AS (
    SELECT b.id, greatest(b.due_at, b.opens_at) AS due_at, there.id AS gateway_id
      FROM here
      JOIN soroka_batch b ON b.gateway_id = here.id AND b.state = 0 AND NOT b.held AND b.closing IS NULL
                         AND greatest(b.due_at, b.opens_at) <= clock_timestamp() AND b.id IS DISTINCT FROM here.probe
      JOIN soroka_mailing mailing ON mailing.id = b.mailing_id AND mailing.fallbacks <> '{}'
      CROSS JOIN LATERAL (
        SELECT g.id
          FROM unnest(mailing.gateway_id || mailing.fallbacks) WITH ORDINALITY AS named(id, place)
          JOIN fares g ON g.id = named.id
         WHERE NOT g.down
           AND exists(SELECT FROM soroka_message m
                       WHERE m.id BETWEEN b.id_from AND b.id_to AND m.status = 0
                         AND (m.reason = 7 AND m.gateway_id <> g.id) IS NOT TRUE)
         ORDER BY named.place LIMIT 1) there
     ORDER BY b.id LIMIT %s FOR UPDATE OF b SKIP LOCKED
)
UPDATE soroka_batch b SET gateway_id = moving.gateway_id, next_at = moving.due_at FROM moving WHERE b.id = moving.id
"""


def move(limit: int = 1000) -> int:
    """Move up to ``limit`` batches, of those that nobody holds, to the first gateway that works; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, [limit])
        return int(cursor.rowcount)
