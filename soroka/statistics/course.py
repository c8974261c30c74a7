"""How a mailing goes: what was settled minute by minute and why something was not sent, cheap also while it runs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from soroka.domain.message import Reason
from soroka.models import Mailing
from soroka.models.statement import run

# Closed batches have their counts beside them; they are summed where they are. Of open ones only those of which
# something is settled are looked through: as many as pumps hold, or were tried in vain.
_SETTLED = """
WITH closed AS MATERIALIZED (
    SELECT breakdown -> 'minutes' AS minutes, breakdown -> 'reasons' AS reasons
      FROM soroka_batch WHERE mailing_id = %(mailing)s AND breakdown IS NOT NULL
), begun AS MATERIALIZED (
    SELECT date_trunc('minute', m.settled_at) AS minute, m.status, m.reason, count(*) AS number
      FROM soroka_batch b JOIN soroka_message m ON m.id BETWEEN b.id_from AND b.id_to
     WHERE b.mailing_id = %(mailing)s AND b.breakdown IS NULL AND b.delivered + b.not_sent > 0
       AND m.settled_at IS NOT NULL
     GROUP BY 1, 2, 3
)
SELECT minute, NULL, sum(delivered)::bigint, sum(not_sent)::bigint
  FROM (SELECT key::timestamptz AS minute, (value ->> 0)::bigint AS delivered, (value ->> 1)::bigint AS not_sent
          FROM closed CROSS JOIN LATERAL jsonb_each(minutes)
        UNION ALL
        SELECT minute, (status = 1)::int * number, (status = 2)::int * number FROM begun) settled
 GROUP BY minute
UNION ALL
SELECT NULL, reason, 0, sum(number)::bigint
  FROM (SELECT key AS reason, value::bigint AS number FROM closed CROSS JOIN LATERAL jsonb_each_text(reasons)
        UNION ALL
        SELECT (%(slugs)s::text[])[reason], number FROM begun WHERE status = 2) unsent
 GROUP BY reason
"""
_SLUGS = [reason.slug for reason in sorted(Reason)]  # numbered from 1 without a gap, as an array of SQL is


@dataclass(frozen=True, slots=True)
class Course:
    """minutes: the beginning of each in which anything was settled, UTC, with delivered and not sent.

    reasons: how many were not sent, by the slug of the reason.
    """

    minutes: list[tuple[datetime, int, int]]
    reasons: dict[str, int]


def course(mailing: Mailing) -> Course:
    """How it went until now."""
    if mailing.breakdown is not None:
        return Course(minutes_of(mailing.breakdown["per_minute"]), mailing.breakdown["not_sent_by_reason"])
    rows = run(_SETTLED, {"mailing": mailing.pk, "slugs": _SLUGS})
    return Course(
        minutes=sorted((at, delivered, not_sent) for at, _, delivered, not_sent in rows if at is not None),
        reasons={reason: number for at, reason, _, number in rows if at is None},
    )


def minutes_of(per_minute: list[dict[str, Any]]) -> list[tuple[datetime, int, int]]:
    """The minutes of full statistics in the shape of ``Course``."""
    return [(datetime.fromisoformat(each["minute"]), each["delivered"], each["not_sent"]) for each in per_minute]
