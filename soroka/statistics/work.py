"""What is not closed yet, by mailing and gateway: one look at the open batches for all that is shown of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from soroka.models.statement import run

# By the index batch_open: what is closed, which is most of the table, is not looked at.
_WORK = """
SELECT mailing_id, gateway_id,
       coalesce(sum(left_) FILTER (WHERE due), 0)::bigint, count(*) FILTER (WHERE due),
       min(next_at) FILTER (WHERE due),
       coalesce(extract(epoch FROM clock_timestamp() - min(next_at) FILTER (WHERE due)), 0)::float8,
       coalesce(sum(left_) FILTER (WHERE state = 1), 0)::bigint,
       count(*) FILTER (WHERE state = 1 AND lease_until < clock_timestamp()),
       coalesce(sum(left_) FILTER (WHERE ready AND NOT due), 0)::bigint,
       min(next_at) FILTER (WHERE ready AND NOT due), max(next_at) FILTER (WHERE ready AND NOT due),
       max(ends_at), sum(delivered)::bigint
  FROM (SELECT mailing_id, gateway_id, state, total - delivered - not_sent AS left_, delivered, next_at, lease_until,
               coalesce(deadline, expires_at) AS ends_at, state = 0 AND NOT held AS ready,
               state = 0 AND NOT held AND next_at <= clock_timestamp() AS due
          FROM soroka_batch WHERE state <> 3 AND closing IS DISTINCT FROM 0) open
 GROUP BY mailing_id, gateway_id
"""


@dataclass(frozen=True, slots=True)
class Work:
    """Messages of the open batches of one mailing at one gateway; due and later only of what is not paused.

    due: that could be offered now, and of how many batches.  oldest_due_at: since when the first of them waits, UTC.
    in_work: on a pump.  expired_leases: batches whose pump has not been heard of; the next tick brings them back.
    later: that are not due yet, from ``next_at`` to ``last_at``.  ends_at: the last deadline.
    delivered: of these batches already.
    """

    mailing_id: int
    gateway_id: int
    due: int
    due_batches: int
    oldest_due_at: datetime | None
    overdue_seconds: float
    in_work: int
    expired_leases: int
    later: int
    next_at: datetime | None
    last_at: datetime | None
    ends_at: datetime
    delivered: int


@dataclass(frozen=True, slots=True)
class Queue:
    """The same over all mailings and gateways."""

    due: int
    due_batches: int
    oldest_due_at: datetime | None
    overdue_seconds: float
    in_work: int
    expired_leases: int
    later: int


def work() -> list[Work]:
    """What is open now."""
    return [Work(*row) for row in run(_WORK, {})]


def queue(open_: Iterable[Work] | None = None) -> Queue:
    """What waits now. open_: what ``work`` told, where that is known already."""
    rows = list(work() if open_ is None else open_)
    return Queue(
        due=sum(row.due for row in rows),
        due_batches=sum(row.due_batches for row in rows),
        oldest_due_at=min((row.oldest_due_at for row in rows if row.oldest_due_at), default=None),
        overdue_seconds=max((row.overdue_seconds for row in rows), default=0.0),
        in_work=sum(row.in_work for row in rows),
        expired_leases=sum(row.expired_leases for row in rows),
        later=sum(row.later for row in rows),
    )
