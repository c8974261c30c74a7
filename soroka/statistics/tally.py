"""What became of messages: sums over batches, and breakdowns of one mailing."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import structlog
from django.db import connection, transaction

from soroka.domain.lateness import merged, quantile
from soroka.domain.message import Reason
from soroka.models import Batch, Mailing
from soroka.models.breakdown import Breakdown, measure
from soroka.models.clock import database_now
from soroka.models.status import by_status, is_over, statuses

__all__ = ["Counts", "by_status", "counts", "fold", "full", "not_sent_by_reason", "overall", "statuses"]


log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Counts:
    """``total = in_process + delivered + not_sent``, by construction."""

    total: int = 0
    in_process: int = 0
    delivered: int = 0
    not_sent: int = 0

    def as_dict(self) -> dict[str, int]:
        """The shape of the HTTP contract."""
        return asdict(self)


_SUMS = """
coalesce(sum(total), 0)::bigint, coalesce(sum(total - delivered - not_sent), 0)::bigint,
coalesce(sum(delivered), 0)::bigint, coalesce(sum(not_sent), 0)::bigint
"""
# What was removed by age is counted in the mailing.
_GONE = "SELECT id, gone_total, gone_delivered, gone_not_sent FROM soroka_mailing WHERE gone_at IS NOT NULL"
_COUNTS = f"""
SELECT mailing_id, {_SUMS}
  FROM (SELECT mailing_id, total, delivered, not_sent FROM soroka_batch WHERE mailing_id = ANY(%(ids)s)
        UNION ALL {_GONE} AND id = ANY(%(ids)s)) counted
 GROUP BY mailing_id
"""  # noqa: S608
_OVERALL = f"""
SELECT {_SUMS}
  FROM (SELECT mailing_id, total, delivered, not_sent FROM soroka_batch WHERE closing IS DISTINCT FROM 0
        UNION ALL {_GONE}) counted
"""  # noqa: S608


def counts(mailing_ids: Sequence[int]) -> dict[int, Counts]:
    """The four counts of each mailing, exact now; one without messages has zeros."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"ids": list(mailing_ids)})
        found = {mailing_id: Counts(*sums) for mailing_id, *sums in cursor.fetchall()}
    return {mailing_id: found.get(mailing_id, Counts()) for mailing_id in mailing_ids}


def overall() -> Counts:
    """The four counts over all mailings, exact now."""
    with connection.cursor() as cursor:
        cursor.execute(_OVERALL)
        return Counts(*cursor.fetchone())


def full(mailing: Mailing) -> dict[str, Any]:
    """The body of ``GET /mailings/{id}/statistics``. Breakdowns of open batches are counted now."""
    return _counted(mailing.pk) | (mailing.breakdown or _breakdowns(mailing.pk))


def not_sent_by_reason(mailing_id: int) -> dict[str, int]:
    """How many messages of a mailing were not sent, by the slug of the reason; of open batches counted now."""
    return _breakdown(mailing_id).reasons


def in_doubt(mailing: Mailing) -> int:
    """How many messages of a mailing ended in doubt; of open batches counted now."""
    found = not_sent_by_reason(mailing.pk) if mailing.breakdown is None else mailing.breakdown["not_sent_by_reason"]
    return int(found.get(Reason.UNKNOWN.slug, 0))


def _counted(mailing_id: int) -> dict[str, int]:
    return counts([mailing_id])[mailing_id].as_dict()


def _breakdowns(mailing_id: int) -> dict[str, Any]:
    sum_of_all = _breakdown(mailing_id)
    return {
        "not_sent_by_reason": sum_of_all.reasons,
        "by_operator_code": {
            code.zfill(3): _four(*three)
            for code, three in sorted(sum_of_all.codes.items(), key=lambda item: int(item[0]))
        },
        "by_timezone": _by_timezone(mailing_id),
        "per_minute": [
            {"minute": minute, "delivered": delivered, "not_sent": not_sent}
            for minute, (delivered, not_sent) in sorted(sum_of_all.minutes.items())
        ],
        "last_settled_at": sum_of_all.last or None,
    } | _offering(mailing_id)


def _breakdown(mailing_id: int) -> Breakdown:
    """The sum over the batches, read at once: one that closes meanwhile is counted as it was."""
    batches = list(Batch.objects.filter(mailing_id=mailing_id).values_list("id_from", "id_to", "breakdown"))
    result = measure([(low, high) for low, high, kept in batches if kept is None])
    for _, _, kept in batches:
        if kept is not None:
            result.add(kept)
    return result


def _four(in_process: int, delivered: int, not_sent: int) -> dict[str, int]:
    return Counts(in_process + delivered + not_sent, in_process, delivered, not_sent).as_dict()


def _by_timezone(mailing_id: int) -> dict[str, dict[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT z.name, {_SUMS} FROM soroka_batch b JOIN soroka_zone z ON z.id = b.zone_id"  # noqa: S608
            " WHERE mailing_id = %s GROUP BY z.name ORDER BY z.name",
            [mailing_id],
        )
        return {zone: Counts(*sums).as_dict() for zone, *sums in cursor.fetchall()}


_OFFERING = """
SELECT min(first_offered_at), max(lateness_max) FROM soroka_batch WHERE mailing_id = %s
"""


def _offering(mailing_id: int) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(_OFFERING, [mailing_id])
        first_offered_at, most = cursor.fetchone()
    histogram = merged(list(Batch.objects.filter(mailing_id=mailing_id).values_list("lateness", flat=True)))
    return {
        "first_offered_at": first_offered_at.isoformat() if first_offered_at else None,
        "lateness_seconds": {
            "p50": quantile(histogram, 0.5, most or 0.0),
            "p99": quantile(histogram, 0.99, most or 0.0),
            "max": most if any(histogram) else None,
        },
    }


_FINISHED = """
SELECT m.id FROM soroka_mailing m
 WHERE m.breakdown IS NULL AND (m.planned_at IS NOT NULL OR m.cancelled_at IS NOT NULL)
   AND NOT exists(SELECT FROM soroka_batch b WHERE b.mailing_id = m.id AND b.state <> 3)
 ORDER BY m.id LIMIT %s
"""


def fold(limit: int = 20) -> int:
    """Keep the breakdowns of up to ``limit`` finished mailings, which change no more; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_FINISHED, [limit])
        finished = [mailing_id for (mailing_id,) in cursor.fetchall()]
    return sum(_fold(mailing_id) for mailing_id in finished)


@transaction.atomic
def _fold(mailing_id: int) -> bool:
    """Fold one mailing under its lock, unless it was changed meanwhile and is not finished any more."""
    mailing = Mailing.objects.select_for_update(skip_locked=True).filter(pk=mailing_id).first()
    if mailing is None or not is_over(mailing_id):
        return False
    mailing.breakdown, mailing.over_at = _breakdowns(mailing_id), database_now()
    mailing.save(update_fields=["breakdown", "over_at"])
    log.info("mailing over", mailing=mailing_id, **counts([mailing_id])[mailing_id].as_dict())
    return True
