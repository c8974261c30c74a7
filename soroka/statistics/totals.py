"""What was settled when: over all mailings, by quarters of an hour, and by the hours and days of a zone (ADR 31)."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from soroka.models.statement import run

_HOUR = timedelta(hours=1)

# Of an open batch the messages themselves say it: such batches are those that pumps hold, or that were tried in part.
# A batch has a thousand messages at most. Said so, the planner does not take a range of ids for a tenth of the table.
_QUARTERS = """
SELECT at, sum(delivered)::bigint, sum(not_sent)::bigint
  FROM (
    SELECT at, delivered, not_sent FROM soroka_settled WHERE at >= %(since)s
    UNION ALL
    SELECT date_bin('15 minutes', m.settled_at, 'epoch'), (m.status = 1)::int, (m.status = 2)::int
      FROM soroka_batch b CROSS JOIN LATERAL (
        SELECT * FROM soroka_message WHERE id BETWEEN b.id_from AND b.id_to LIMIT 1000) m
     WHERE b.state <> 3 AND b.closing IS DISTINCT FROM 0 AND b.delivered + b.not_sent > 0
       AND m.settled_at >= %(since)s
  ) settled
 GROUP BY at ORDER BY at
"""


@dataclass(frozen=True, slots=True)
class Period:
    """So many messages were settled in a stretch of time. at: when it begins, aware."""

    at: datetime
    delivered: int = 0
    not_sent: int = 0


def quarters(since: datetime) -> list[Period]:
    """The quarters of an hour from one on in which anything was settled, in order; exact now.

    since: the beginning of a quarter.
    """
    return [Period(*row) for row in run(_QUARTERS, {"since": since})]


def hours(settled: Sequence[Period], day: date, zone: ZoneInfo) -> list[Period]:
    """The hours of a day of a zone: 23 or 25 where its clocks are changed."""
    begin, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    edges = [begin]
    while (edge := edges[-1] + _HOUR) < end:
        edges.append(edge)
    return _between([*edges, end], settled, zone)


def days(settled: Sequence[Period], last: date, number: int, zone: ZoneInfo) -> list[Period]:
    """So many days of a zone, up to the last one."""
    edges = [midnight(last + timedelta(days=1 - back), zone) for back in range(number, -1, -1)]
    return _between(edges, settled, zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins, UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _between(edges: Sequence[datetime], settled: Sequence[Period], zone: ZoneInfo) -> list[Period]:
    """The sums from each edge to the next."""
    sums = [[0, 0] for _ in edges]
    for each in settled:
        place = bisect_right(edges, each.at) - 1
        if place >= 0:
            sums[place][0] += each.delivered
            sums[place][1] += each.not_sent
    return [Period(edge.astimezone(zone), *both) for edge, both in zip(edges[:-1], sums, strict=False)]


_DELIVERED = """
SELECT gateway_id, sum(delivered)::bigint FROM soroka_settled WHERE at >= %(since)s GROUP BY gateway_id
"""


def delivered_in_closed(since: datetime) -> dict[int, int]:
    """How many messages of closed batches each gateway took from the beginning of a quarter on, by its id."""
    return dict(run(_DELIVERED, {"since": since}))
