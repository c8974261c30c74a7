"""What a mailing would do, without writing anything."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from soroka.audience.filter import Filter
from soroka.domain.schedule import Window, known_zone, moments
from soroka.domain.segments import Segments, segments
from soroka.domain.template import BadTemplate, is_template, render
from soroka.models import Client, Tag
from soroka.planning.launch import database_now

_COUNT = """
SELECT c.operator_code, z.name, count(*) FROM soroka_client c JOIN soroka_zone z ON z.id = c.zone_id
 WHERE {where} GROUP BY 1, 2
"""
_SAMPLE = "SELECT c.id FROM soroka_client c WHERE {where} ORDER BY c.id LIMIT %(samples)s"
_SAMPLES = 3


@dataclass(frozen=True, slots=True)
class ZoneDue:
    """When the clients of a zone would be due. expired: their end has passed already."""

    timezone: str
    clients: int
    due_at: datetime
    expires_at: datetime
    expired: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """What one client would read; ``fault`` says why he would not. segments: the SMS it costs."""

    client: int
    phone: int
    text: str | None
    fault: str
    segments: Segments | None


@dataclass(frozen=True, slots=True)
class Preview:
    """clients: all of the audience; by_operator_code: of each code; zones: the earliest due first."""

    clients: int
    by_operator_code: dict[int, int]
    zones: list[ZoneDue]
    samples: list[Sample]


def preview(
    *, text: str, audience: Filter, starts_at: datetime | None, ends_at: datetime, local_time: bool, timezone: str
) -> Preview:
    """Look ahead. starts_at: None means now.  Both moments are aware.  Raises BadWindow."""
    now = database_now()
    window = Window(starts_at or now, ends_at, local_time, timezone)
    counted = _counted(audience)
    by_code: Counter[int] = Counter()
    by_zone: Counter[str] = Counter()
    for code, zone, clients in counted:
        by_code[code] += clients
        by_zone[zone] += clients
    zones = [_zone_due(window, zone, clients, now) for zone, clients in by_zone.items()]
    return Preview(
        clients=by_zone.total(),
        by_operator_code=dict(sorted(by_code.items())),
        zones=sorted(zones, key=lambda zone: (zone.due_at, zone.timezone)),
        samples=_samples(text, audience),
    )


def _counted(audience: Filter) -> list[tuple[int, str, int]]:
    where, values = audience.where()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(where=where), values)
        return list(cursor.fetchall())


def _zone_due(window: Window, zone: str, clients: int, now: datetime) -> ZoneDue:
    when = moments(window, known_zone(zone), now=now)
    return ZoneDue(zone, clients, when.due_at, when.expires_at, when.expired)


def _samples(text: str, audience: Filter) -> list[Sample]:
    where, values = audience.where()
    with connection.cursor() as cursor:
        cursor.execute(_SAMPLE.format(where=where), values | {"samples": _SAMPLES})
        ids = [client_id for (client_id,) in cursor.fetchall()]
    return [_sample(text, client) for client in Client.objects.filter(pk__in=ids).order_by("pk")]


def _sample(text: str, client: Client) -> Sample:
    try:
        rendered = render(text, _values(client)) if is_template(text) else text
    except BadTemplate as error:
        return Sample(client.pk, client.phone, None, str(error), None)
    return Sample(client.pk, client.phone, rendered, "", segments(rendered))


def _values(client: Client) -> dict[str, Any]:
    """The same values that the queue renders with."""
    tags = Tag.objects.filter(pk__in=client.tag_ids).order_by("name").values_list("name", flat=True)
    return {**client.attributes, "phone": str(client.phone), "tags": list(tags)}
