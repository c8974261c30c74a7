"""Finished mailings as the database can make them by itself: for reading, ten million need not be sent."""

from datetime import datetime, timedelta
from typing import Any

import orjson
from django.db import connection

from soroka.audience.filter import Filter
from soroka.bench.mailings import TEXT, default_gateway
from soroka.domain.lateness import histogram
from soroka.domain.message import BatchState, Reason, Status
from soroka.models import Batch, Mailing
from soroka.models.breakdown import measure
from soroka.models.clock import database_now

_BATCH = 1000
#: Seconds between the due moment of every message and its offer, and between two batches.
_LATE, _PACE = 0.1, 3

_BATCHES = """
INSERT INTO soroka_batch (mailing_id, gateway_id, zone_id, id_from, id_to, total, delivered, not_sent, state,
                          due_at, next_at, expires_at, first_offered_at, lateness, lateness_max)
SELECT %(mailing)s, %(gateway)s, (SELECT id FROM soroka_zone OFFSET n %% 11 LIMIT 1), first, first + %(size)s - 1,
       %(size)s, %(size)s - %(refused)s, %(refused)s, %(closed)s, %(at)s, %(at)s, %(at)s,
       %(at)s + %(pace)s * n, %(lateness)s, %(late)s
  FROM (SELECT n, nextval('soroka_message_ids') AS first FROM generate_series(1, %(batches)s) n) made
"""
_MESSAGES = """
INSERT INTO soroka_message (id, mailing_id, client_id, phone, operator_code, status, reason, gateway_id, settled_at)
SELECT id_from + k, %(mailing)s, place * %(size)s + k + 1, 79000000000 + k, 900 + k %% 100,
       CASE WHEN k < %(refused)s THEN %(not_sent)s ELSE %(delivered)s END,
       CASE WHEN k < %(refused)s THEN %(rejected)s END, CASE WHEN k < %(refused)s THEN %(gateway)s END, offered
  FROM (SELECT id_from, first_offered_at AS offered, row_number() OVER (ORDER BY id_from) - 1 AS place
          FROM soroka_batch WHERE mailing_id = %(mailing)s) batch, generate_series(0, %(size)s - 1) k
"""
# They differ in nothing but the minute.
_BREAKDOWNS = """
UPDATE soroka_batch
   SET breakdown = %(one)s::jsonb || jsonb_build_object(
           'last', to_char(first_offered_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'),
           'minutes', jsonb_build_object(
               to_char(first_offered_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI":00+00:00"'), %(minute)s::jsonb))
 WHERE mailing_id = %(mailing)s
"""


def finished(messages: int, *, at: datetime | None = None, refused: int = 0) -> Mailing:
    """A finished mailing of ``messages``, rounded down to whole batches: every batch closed. It is not folded yet.

    at: when it began, aware; None: so that it has just ended.  refused: messages of each thousand that the gateway
    rejected; the rest is delivered.
    """
    batches = max(messages // _BATCH, 1)
    pace = timedelta(seconds=_PACE)
    began = at or database_now() - pace * batches
    mailing = Mailing.objects.create(
        name="made by SQL", text=TEXT, filter=Filter(everyone=True).to_json(), starts_at=began,
        ends_at=began + timedelta(days=1), timezone="UTC", gateway=default_gateway(), first_due_at=began,
        planned_at=began,
    )  # fmt: skip
    values: dict[str, Any] = {
        "mailing": mailing.pk, "gateway": mailing.gateway_id, "size": _BATCH, "batches": batches, "refused": refused,
        "closed": BatchState.CLOSED, "delivered": Status.DELIVERED, "not_sent": Status.NOT_SENT,
        "rejected": Reason.REJECTED, "at": began, "pace": pace, "late": _LATE, "lateness": histogram([_LATE] * _BATCH),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_BATCHES, values)
        cursor.execute(_MESSAGES, values)
        cursor.execute(_BREAKDOWNS, values | _breakdown(mailing))
    return mailing


def _breakdown(mailing: Mailing) -> dict[str, str]:
    """That of one batch, and its only minute's part of it."""
    batch = Batch.objects.filter(mailing=mailing).order_by("id")[0]
    one = measure([(batch.id_from, batch.id_to)]).to_json()
    [minute] = one["minutes"].values()
    return {"one": orjson.dumps(one).decode(), "minute": orjson.dumps(minute).decode()}
