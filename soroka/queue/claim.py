"""Lease due batches to a pump, and say when something is due next."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import Any

from soroka.delivery.ports import Lease
from soroka.models.statement import run
from soroka.queue.rescue import CAREFUL_AFTER

# The recursion walks the mailings that have something ready, one index probe each, so that the millions of one mailing
# are never read through. Batches are taken in turn over the mailings: what a mailing has in work already counts as
# turns taken, then comes whose last turn was longest ago, one that never had any first of all, then the sooner
# deadline. SKIP LOCKED lets two pumps that look at once take different batches.
_CLAIM = """
WITH RECURSIVE waiting(mailing_id) AS (
    (SELECT mailing_id FROM soroka_batch
      WHERE gateway_id = %(gateway)s AND state = 0 AND NOT held ORDER BY mailing_id LIMIT 1)
    UNION ALL
    SELECT (SELECT b.mailing_id FROM soroka_batch b
             WHERE b.gateway_id = %(gateway)s AND b.state = 0 AND NOT b.held AND b.mailing_id > w.mailing_id
             ORDER BY b.mailing_id LIMIT 1)
      FROM waiting w WHERE w.mailing_id IS NOT NULL
), in_work AS (
    SELECT mailing_id, count(*) AS batches FROM soroka_batch WHERE state = 1 GROUP BY mailing_id
), candidate AS (
    SELECT due.id, due.expires_at, due.turn + coalesce(in_work.batches, 0) AS turn, had.claimed_at
      FROM waiting w
      CROSS JOIN LATERAL (
        SELECT b.id, b.expires_at, row_number() OVER (ORDER BY b.next_at, b.id) AS turn
          FROM soroka_batch b
         WHERE b.gateway_id = %(gateway)s AND b.mailing_id = w.mailing_id AND b.state = 0 AND NOT b.held
           AND b.next_at <= clock_timestamp()
           AND b.expires_at > clock_timestamp() + make_interval(secs => %(transit)s)
         ORDER BY b.next_at, b.id LIMIT %(look)s) due
      LEFT JOIN in_work ON in_work.mailing_id = w.mailing_id
      LEFT JOIN soroka_turn had ON had.mailing_id = w.mailing_id
     ORDER BY turn, had.claimed_at NULLS FIRST, due.expires_at, due.id LIMIT %(look)s
), taken AS (
    SELECT b.id, b.mailing_id FROM soroka_batch b JOIN candidate c ON c.id = b.id
     WHERE b.gateway_id = %(gateway)s AND b.state = 0 AND NOT b.held AND b.closing IS NULL
       AND (SELECT paused_until <= clock_timestamp() FROM soroka_gateway WHERE id = %(gateway)s)
       AND NOT EXISTS (SELECT FROM soroka_restoration WHERE released_at IS NULL)
     ORDER BY c.turn, c.claimed_at NULLS FIRST, c.expires_at, b.id LIMIT %(room)s FOR UPDATE OF b SKIP LOCKED
), turn AS (
    INSERT INTO soroka_turn (mailing_id, claimed_at)
    SELECT mailing_id, clock_timestamp() FROM taken GROUP BY mailing_id ORDER BY mailing_id
        ON CONFLICT (mailing_id) DO UPDATE SET claimed_at = excluded.claimed_at
)
UPDATE soroka_batch b
   SET state = 1, owner = %(owner)s, epoch = b.epoch + 1, offered_to = NULL, claimed_at = clock_timestamp(),
       lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
  FROM taken, soroka_mailing m
 WHERE b.id = taken.id AND m.id = b.mailing_id
RETURNING b.id, b.mailing_id, b.owner, b.epoch, b.id_from, b.id_to, m.text,
          b.crashes >= %(careful)s OR (SELECT trouble > 0 FROM soroka_gateway WHERE id = %(gateway)s)
"""

# Locked in the order of ids, as a pause or a cancellation does: the two never wait for each other in a circle.
_RENEW = """
WITH ours AS (
    SELECT b.id FROM soroka_batch b JOIN unnest(%(ids)s::bigint[], %(epochs)s::int[]) AS held(id, epoch)
                                      ON b.id = held.id AND b.epoch = held.epoch
     WHERE b.owner = %(owner)s AND b.state = 1 AND b.lease_until > clock_timestamp()
     ORDER BY b.id FOR UPDATE OF b
)
UPDATE soroka_batch b SET lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
  FROM ours WHERE b.id = ours.id
RETURNING b.id
"""

_NEXT_DUE = """
SELECT extract(epoch FROM greatest(min(b.next_at), max(g.paused_until)) - clock_timestamp())::float8
  FROM soroka_batch b JOIN soroka_gateway g ON g.id = b.gateway_id
 WHERE b.gateway_id = %(gateway)s AND b.state = 0 AND NOT b.held
   AND b.expires_at > clock_timestamp() + make_interval(secs => %(transit)s)
   AND NOT EXISTS (SELECT FROM soroka_restoration WHERE released_at IS NULL)
"""

_ANY_DUE = """
SELECT exists(
  SELECT FROM soroka_gateway g
   WHERE g.paused_until <= clock_timestamp() + make_interval(secs => %(ahead)s)
     AND NOT EXISTS (SELECT FROM soroka_restoration WHERE released_at IS NULL)
     AND exists(SELECT FROM soroka_batch b
                 WHERE b.gateway_id = g.id AND b.state = 0 AND NOT b.held AND b.expires_at > clock_timestamp()
                   AND b.next_at <= clock_timestamp() + make_interval(secs => %(ahead)s)))
"""


@dataclass(frozen=True, slots=True)
class Pump:
    """Who claims: the random token of one pump, and for how many seconds its leases hold."""

    owner: int
    lease_seconds: float


def claim(pump: Pump, gateway_id: int, room: int, transit: float = 0.0) -> list[Lease]:
    """Lease up to ``room`` due batches of a gateway, in turn over the mailings.

    transit: seconds before a batch's deadline in which nothing of it could arrive in time.
    """
    values = {
        "gateway": gateway_id,
        "owner": pump.owner,
        "lease": pump.lease_seconds,
        "room": room,
        "transit": transit,
        "careful": CAREFUL_AFTER,
        "look": room * 4,  # enough for the others to have locked some of them
    }
    return list(starmap(Lease, run(_CLAIM, values)))


def renew(pump: Pump, leases: Sequence[Lease]) -> set[int]:
    """Extend the leases from now on; returns the ids of those that are still this pump's."""
    values: dict[str, Any] = {
        "owner": pump.owner,
        "lease": pump.lease_seconds,
        "ids": [lease.batch_id for lease in leases],
        "epochs": [lease.epoch for lease in leases],
    }
    return {batch_id for (batch_id,) in run(_RENEW, values)}


def next_due(gateway_id: int, transit: float = 0.0) -> float | None:
    """Seconds until the gateway has something to be claimed, None where nothing is queued for it."""
    ((seconds,),) = run(_NEXT_DUE, {"gateway": gateway_id, "transit": transit})
    return None if seconds is None else float(seconds)


def any_due(ahead: float) -> bool:
    """Whether something can be claimed now or within ``ahead`` seconds."""
    ((due,),) = run(_ANY_DUE, {"ahead": ahead})
    return bool(due)
