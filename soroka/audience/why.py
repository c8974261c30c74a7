"""Why a client is or is not in a mailing: one statement for one client and for all of a segment."""

from dataclasses import dataclass
from enum import StrEnum

from django.db import connection

from soroka.audience.bounded import bounded_cursor
from soroka.audience.condition import Condition, Values
from soroka.audience.filter import Filter
from soroka.domain.message import Reason, Status
from soroka.models import Mailing

# A message in no batch is of a plan that was given up. What keeps a client without a message is judged by what is
# known of him now: nobody keeps what he was when the mailing was planned.
_FATE = """
SELECT {columns}
  FROM soroka_client c JOIN soroka_mailing m ON m.id = %(mailing)s
  LEFT JOIN LATERAL (
    SELECT s.id, s.status, CASE WHEN s.status = 2 THEN s.reason END AS reason
      FROM soroka_message s JOIN soroka_batch b ON b.mailing_id = s.mailing_id AND s.id BETWEEN b.id_from AND b.id_to
     WHERE s.mailing_id = m.id AND s.client_id = c.id
  ) message ON true
 CROSS JOIN LATERAL (
    SELECT CASE WHEN message.id IS NOT NULL THEN NULL
                WHEN c.id > m.last_client_id THEN 'came_later'
                WHEN m.gone_at IS NOT NULL THEN 'gone'
                WHEN c.opted_out THEN 'opted_out'
                WHEN NOT ({matches}) THEN 'filter'
                WHEN c.id <= m.planned_to THEN 'changed_since'
                WHEN m.cancelled_at IS NOT NULL THEN 'cancelled'
                ELSE 'not_planned' END AS obstacle
  ) fate
 WHERE {who}
"""


class Verdict(StrEnum):
    """What became of a client in a mailing."""

    DELIVERED = "delivered"
    IN_PROCESS = "in_process"
    #: There is a message; its ``Reason`` says why it was not sent.
    NOT_SENT = "not_sent"
    #: The mailing is still being planned and has not come to him.
    NOT_PLANNED = "not_planned"
    #: There is no message; an ``Obstacle`` says why.
    NOT_CHOSEN = "not_chosen"


class Obstacle(StrEnum):
    """Why a client was not chosen; the first that applies."""

    #: He was made after the mailing, or after it was planned anew.
    CAME_LATER = "came_later"
    #: The messages of the mailing were removed by age: nobody knows any more.
    GONE = "gone"
    OPTED_OUT = "opted_out"
    #: He does not meet the filter.
    FILTER = "filter"
    #: He meets it now, and did not when the mailing was planned.
    CHANGED_SINCE = "changed_since"
    #: The mailing was cancelled before its planning came to him.
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Fate:
    """A verdict and its reason: one of ``Reason`` in its slug, or of ``Obstacle``, or none."""

    verdict: Verdict
    reason: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the filter, with its path and whether the client meets it now."""

    path: str
    condition: Condition
    passed: bool


@dataclass(frozen=True, slots=True)
class Why:
    """message: its id, None where he was not chosen.

    known: he was there when the mailing was made.  fits_now: he meets the filter and has not opted out.
    parts: what he meets now of the filter.
    """

    fate: Fate
    message: int | None
    known: bool
    opted_out: bool
    fits_now: bool
    parts: list[Part]


def why(client_id: int, mailing: Mailing) -> Why | None:
    """Why a client is in a mailing or not; None where there is no such client."""
    audience, values = Filter.from_json(mailing.filter), Values()
    matches = audience.sql(values)
    parts = list(audience.parts())
    columns = [
        "message.id, message.status, message.reason, fate.obstacle, c.id <= m.last_client_id, c.opted_out",
        f"NOT c.opted_out AND {matches}",
        *(part.sql(values) for _, part in parts),
    ]
    query = _FATE.format(columns=", ".join(columns), matches=matches, who="c.id = %(client)s")
    with connection.cursor() as cursor:
        cursor.execute(query, values.named | {"mailing": mailing.pk, "client": client_id})
        found = cursor.fetchone()
    if found is None:
        return None
    message, status, reason, obstacle, known, opted_out, fits, *passed = found
    shown = [Part(path, part, met) for (path, part), met in zip(parts, passed, strict=True)]
    return Why(_fate(status, reason, obstacle), message, known, opted_out, fits, shown)


def fates(segment: Filter, mailing: Mailing) -> dict[Fate, int]:
    """What became in a mailing of all clients who match a segment now, who opted out as well: each of them once.

    Raises TooSlow.
    """
    values = Values()
    query = _FATE.format(
        columns="message.status, message.reason, fate.obstacle, count(*)",
        matches=Filter.from_json(mailing.filter).sql(values),
        who=segment.sql(values),
    )
    with bounded_cursor() as cursor:
        cursor.execute(f"{query} GROUP BY 1, 2, 3", values.named | {"mailing": mailing.pk})
        return {_fate(status, reason, obstacle): clients for status, reason, obstacle, clients in cursor.fetchall()}


def _fate(status: int | None, reason: int | None, obstacle: str | None) -> Fate:
    if status is not None:
        return Fate(Verdict(Status(status).slug), None if reason is None else Reason(reason).slug)
    if obstacle == Verdict.NOT_PLANNED:
        return Fate(Verdict.NOT_PLANNED, None)
    return Fate(Verdict.NOT_CHOSEN, Obstacle(str(obstacle)))
