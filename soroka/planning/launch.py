"""From a mailing to its messages and batches, slice by slice."""

import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction

from soroka.audience.filter import Filter
from soroka.domain.cap import Cap
from soroka.domain.schedule import Moments, Span, known_zone, moments
from soroka.domain.send_window import SendWindow
from soroka.models import Client, Gateway, Mailing, Segment, Zone
from soroka.models.clock import database_now
from soroka.models.locks import AUDIENCE, CAP
from soroka.models.meter import Count, Counted, count
from soroka.planning.cap import crowded, have_hashed
from soroka.queue.forget import forget_messages

log = structlog.get_logger(__name__)

#: Client ids that the first slice spans. It doubles while slices find little and halves where they find much.
FIRST_WIDTH, _WIDEST = 50_000, 50_000_000
_LITTLE, _MUCH = 10_000, 40_000

#: How often a slice is tried again because a zone was added while it ran.
_SLICE_TRIES = 5

#: The moments of zones as a common table, from what ``moments_of_zones`` returns.
MOMENT = """
moment AS MATERIALIZED (
    SELECT * FROM unnest(%(zones)s::smallint[], %(due)s::timestamptz[], %(expires)s::timestamptz[],
                         %(deadlines)s::timestamptz[], %(late)s::boolean[])
               AS moment(zone_id, due_at, expires_at, deadline, late)
)"""

# One slice of the audience by client id. Zones come with their moments; those whose deadline has passed, and clients
# for whom a cap leaves no room, are born settled, and only their breakdown is left to be written.
# The sequence gives a thousand ids at once, so that a batch owns a contiguous range of them. Batches are claimed in the
# order of their ids: the first of every zone come before the second of any.
_SLICE = """
WITH {common}, chosen AS MATERIALIZED (
    SELECT c.*, (row_number() OVER (PARTITION BY zone_id, capped ORDER BY id) - 1)::int AS place
      FROM (SELECT c.id, c.phone, c.operator_code, c.zone_id, {capped} AS capped
              FROM soroka_client c
             WHERE c.id > %(after)s AND c.id <= %(to)s AND {where}) c
), block AS MATERIALIZED (
    SELECT zone_id, capped, place / 1000 AS block, count(*)::int AS total, nextval('soroka_message_ids') AS id_from,
           CASE WHEN late THEN 3 WHEN capped THEN 6 END AS ends_as
      FROM chosen JOIN moment USING (zone_id) GROUP BY zone_id, capped, place / 1000, late
), messages AS (
    INSERT INTO soroka_message (id, mailing_id, client_id, phone, operator_code, status, reason, settled_at)
    SELECT block.id_from + chosen.place %% 1000, %(mailing)s, chosen.id, chosen.phone, chosen.operator_code,
           CASE WHEN ends_as IS NULL THEN 0 ELSE 2 END, ends_as, CASE WHEN ends_as IS NOT NULL THEN %(now)s END
      FROM chosen
      JOIN block ON block.zone_id = chosen.zone_id AND block.capped = chosen.capped
                AND block.block = chosen.place / 1000
     ORDER BY 1
), batches AS (
    INSERT INTO soroka_batch (mailing_id, gateway_id, zone_id, id_from, id_to, total, not_sent, state, held, closing,
                              due_at, next_at, expires_at, deadline, lateness)
    SELECT %(mailing)s, %(gateway)s, block.zone_id, id_from, id_from + total - 1, total,
           CASE WHEN ends_as IS NULL THEN 0 ELSE total END,
           CASE WHEN ends_as IS NULL THEN 0 ELSE 2 END, %(held)s, ends_as,
           due_at, due_at, expires_at, deadline, '{{}}'
      FROM block JOIN moment ON moment.zone_id = block.zone_id
     ORDER BY block.block, block.zone_id
    RETURNING total, due_at
)
SELECT coalesce(sum(total), 0)::int, min(due_at), (SELECT count(*) FROM chosen) FROM batches
"""


class _NewZone(Exception):
    """Some client of the slice lives in a zone whose moments were not computed yet."""


def create_mailing(
    *,
    name: str,
    text: str,
    audience: Filter,
    starts_at: datetime | None,
    ends_at: datetime,
    local_time: bool,
    window: SendWindow | None = None,
    widen_window: bool = False,
    gateway: Gateway,
    fallbacks: Sequence[int] = (),
    segment: Segment | None = None,
    cap: Cap | None = None,
    lift_cap: bool = False,
    resend_of: Mailing | None = None,
    user: User | None,
) -> Mailing:
    """Keep a new mailing; its audience is the clients there are now. ``plan`` makes its messages.

    starts_at: None means now, for everybody at once.  Both moments are aware.  Raises BadSpan.
    window: the hours at which clients may be written to.  widen_window: it may be wider than the service's.
    fallbacks: ids of the gateways that take over, in this order, while those before them are down.
    segment: where the audience was copied from.
    cap: who would have more messages than that gets none.  lift_cap: it may be looser than that of the service.
    resend_of: whose messages in doubt it sends once more.
    """
    span = Span(starts_at or database_now(), ends_at, local_time, settings.TIME_ZONE)
    return Mailing.objects.create(
        name=name,
        text=text,
        filter=audience.to_json(),
        segment=segment,
        cap=cap and cap.to_json(),
        lift_cap=lift_cap,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        local_time=span.local,
        timezone=span.zone,
        window=window and window.to_json(),
        widen_window=widen_window,
        gateway=gateway,
        fallbacks=list(fallbacks),
        resend_of=resend_of,
        created_by=user,
        last_client_id=newest_client_id(),
        slice_width=FIRST_WIDTH,
    )


def newest_client_id() -> int:
    """The highest id of a client, 0 where there is none."""
    return Client.objects.order_by("-id").values_list("id", flat=True).first() or 0


def plan(mailing_id: int, *, seconds: float, messages: int | None = None, wait: bool = True) -> bool:
    """Plan slices of a mailing until nothing is left to do (True) or the budget is used up (False).

    seconds, messages: the budget.  wait: for another who plans it now; else there is nothing to do where one does.
    Each slice is a transaction with its cursor: a killed planning goes on where it was, and nobody is planned twice.
    """
    end = time.monotonic() + seconds
    planned = 0
    while True:
        done, found = _plan_slice(mailing_id, wait=wait)
        planned += found
        if done is not False or time.monotonic() >= end or (messages is not None and planned > messages):
            break
    if planned:
        count({Count(Counted.PLANNED): planned})
    return done is not False


def _plan_slice(mailing_id: int, *, wait: bool) -> tuple[bool | None, int]:
    """Plan one slice; whether that was the last (None where another has the mailing), and how many it found."""
    for _ in range(_SLICE_TRIES):
        with suppress(_NewZone):
            return _plan_slice_once(mailing_id, wait=wait)
    raise RuntimeError(f"mailing {mailing_id}: new time zones keep appearing; its planning goes on with the next tick")


def _plan_slice_once(mailing_id: int, *, wait: bool) -> tuple[bool | None, int]:
    with transaction.atomic():
        mailing = Mailing.objects.select_for_update(skip_locked=not wait).filter(pk=mailing_id).first()
        if mailing is None:
            return None, 0
        if mailing.planned_at or mailing.cancelled_at:
            return True, 0
        before = mailing.planned_to
        found = _insert_slice(mailing) if mailing.planned_to < mailing.last_client_id else 0
        if mailing.planned_to >= mailing.last_client_id:
            mailing.planned_at = database_now()
        mailing.save(update_fields=["planned_to", "slice_width", "first_due_at", "planned_at"])
    whole = mailing.planned_at is not None
    log.info("planned", mailing=mailing_id, clients=[before + 1, mailing.planned_to], found=found, whole=whole)
    return whole, found


def _insert_slice(mailing: Mailing) -> int:
    where, values = Filter.from_json(mailing.filter).where()
    common, capped = MOMENT, "false"
    if mailing.cap:
        others, limits = crowded(Cap(**mailing.cap), where)
        common, capped = f"{MOMENT}, {others}", "c.id IN (SELECT id FROM crowded)"
        values |= limits
    to = min(mailing.planned_to + mailing.slice_width, mailing.last_client_id)
    with connection.cursor() as cursor:
        if mailing.cap:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CAP])
            have_hashed(cursor)
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [AUDIENCE])
        forget_messages(mailing.pk, mailing.planned_to, to)
        values |= moments_of_zones(mailing)
        values |= {
            "mailing": mailing.pk,
            "gateway": mailing.gateway_id,
            "held": mailing.paused_at is not None,
            "after": mailing.planned_to,
            "to": to,
        }
        cursor.execute(_SLICE.format(common=common, capped=capped, where=where), values)
        found, first_due_at, chosen = cursor.fetchone()
    if found != chosen:
        raise _NewZone
    mailing.planned_to = to
    mailing.slice_width = _next_width(mailing.slice_width, found)
    if first_due_at is not None:
        mailing.first_due_at = min(first_due_at, mailing.first_due_at or first_due_at)
    return int(found)


def _next_width(width: int, found: int) -> int:
    if found < _LITTLE:
        return min(width * 2, _WIDEST)
    return max(width // 2, FIRST_WIDTH // 10) if found > _MUCH else width


def moments_of_zones(mailing: Mailing) -> dict[str, Any]:
    """When clients of each zone are due and what is too late for them, once a zone: columns for ``unnest``."""
    span = Span(mailing.starts_at, mailing.ends_at, mailing.local_time, mailing.timezone)
    window = mailing.send_window
    now = database_now()
    zones = list(Zone.objects.values_list("id", "name"))
    each: list[Moments] = [moments(span, known_zone(name), now=now, window=window) for _, name in zones]
    return {
        "now": now,
        "zones": [zone_id for zone_id, _ in zones],
        "due": [moment.due_at for moment in each],
        "expires": [moment.expires_at for moment in each],
        "deadlines": [moment.deadline if window else None for moment in each],
        "late": [moment.expired for moment in each],
    }
