"""Finished mailings as the database can make them by itself: for reading, ten million need not be sent."""

from datetime import timedelta
from typing import Any

import orjson
from django.db import connection

from soroka.audience.filter import Filter
from soroka.bench.mailings import TEXT, default_gateway
from soroka.domain.lateness import histogram
from soroka.domain.message import BatchState, Status
from soroka.models import Batch, Mailing
from soroka.models.breakdown import measure
from soroka.planning.launch import database_now

_BATCH = 1000
#: Seconds between the due moment of every message and its offer.
_LATE = 0.1

_BATCHES = """
INSERT INTO soroka_batch (mailing_id, gateway_id, zone_id, id_from, id_to, total, delivered, state,
                          due_at, next_at, expires_at, first_offered_at, lateness, lateness_max)
SELECT %(mailing)s, %(gateway)s, (SELECT id FROM soroka_zone OFFSET n %% 11 LIMIT 1), first, first + %(size)s - 1,
       %(size)s, %(size)s, %(closed)s, %(now)s, %(now)s, %(now)s, %(now)s, %(lateness)s, %(late)s
  FROM (SELECT n, nextval('soroka_message_ids') AS first FROM generate_series(1, %(batches)s) n) made
"""
_MESSAGES = """
INSERT INTO soroka_message (id, mailing_id, client_id, phone, operator_code, status, settled_at)
SELECT id_from + k, %(mailing)s, place * %(size)s + k + 1, 79000000000 + k, 900 + k %% 100, %(delivered)s, %(now)s
  FROM (SELECT id_from, row_number() OVER (ORDER BY id_from) - 1 AS place
          FROM soroka_batch WHERE mailing_id = %(mailing)s) batch, generate_series(0, %(size)s - 1) k
"""


def finished(messages: int) -> Mailing:
    """A finished mailing of ``messages``, rounded down to whole batches: all delivered, every batch closed.

    It is not folded yet.
    """
    now = database_now()
    mailing = Mailing.objects.create(
        name="made by SQL", text=TEXT, filter=Filter(everyone=True).to_json(), starts_at=now,
        ends_at=now + timedelta(days=1), timezone="UTC", gateway=default_gateway(), first_due_at=now, planned_at=now,
    )  # fmt: skip
    values: dict[str, Any] = {
        "mailing": mailing.pk, "gateway": mailing.gateway_id, "size": _BATCH, "batches": max(messages // _BATCH, 1),
        "closed": BatchState.CLOSED, "delivered": Status.DELIVERED, "now": now, "late": _LATE,
        "lateness": histogram([_LATE] * _BATCH),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_BATCHES, values)
        cursor.execute(_MESSAGES, values)
        cursor.execute(
            "UPDATE soroka_batch SET breakdown = %s::jsonb WHERE mailing_id = %s",
            [orjson.dumps(_breakdown(mailing)).decode(), mailing.pk],
        )
    return mailing


def _breakdown(mailing: Mailing) -> dict[str, object]:
    """That of one batch: they are all alike."""
    batch = Batch.objects.filter(mailing=mailing).order_by("id")[0]
    return measure([(batch.id_from, batch.id_to)]).to_json()
