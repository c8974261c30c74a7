"""What a mailing would do, without writing anything."""

from collections import Counter
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from soroka.audience.bounded import TooSlow, bounded_cursor
from soroka.audience.filter import Filter
from soroka.domain.cap import Cap
from soroka.domain.schedule import Span, known_zone, moments
from soroka.domain.segments import Segments, segments
from soroka.domain.send_window import SendWindow
from soroka.domain.template import BadTemplate, is_template, render
from soroka.models import Client, Gateway, Mailing, Tag
from soroka.models.clock import database_now
from soroka.models.link import NOBODY, link_values
from soroka.planning.cap_ahead import Crowd, crowd
from soroka.planning.cautions import Cautioned, cautions
from soroka.planning.draw import Draw
from soroka.planning.outlook import Outlook, outlook

_COUNT = """
SELECT c.operator_code, z.name, count(*) FROM soroka_client c JOIN soroka_zone z ON z.id = c.zone_id
 WHERE {where} GROUP BY 1, 2
"""
_SAMPLE = "SELECT c.id FROM soroka_client c WHERE {where} ORDER BY c.id LIMIT %(samples)s"
_SAMPLES = 3
#: The arguments of ``preview`` that are those of ``create_mailing``.
ASKED = ("text", "audience", "starts_at", "ends_at", "local_time", "window", "gateway", "cap")


@dataclass(frozen=True, slots=True)
class ZoneDue:
    """When the clients of a zone would be due first, and their own deadline. expired: no hour is left before it."""

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
    """clients: all of the audience; by_operator_code: of each code; zones: the earliest due first.

    exact: all were counted; else the numbers are what a part of the clients says.
    crowd: for how many of the clients the cap leaves no room.  outlook: how it would go.  warnings: what is wrong.
    """

    clients: int
    exact: bool
    crowd: Crowd
    by_operator_code: dict[int, int]
    zones: list[ZoneDue]
    samples: list[Sample]
    outlook: Outlook
    warnings: list[Cautioned]


def preview(
    *,
    text: str,
    audience: Filter,
    starts_at: datetime | None,
    ends_at: datetime,
    local_time: bool,
    window: SendWindow | None = None,
    timezone: str,
    gateway: Gateway,
    cap: Cap | None = None,
    limit: float | None = None,
) -> Preview:
    """Look ahead. starts_at: None means now.  Both moments are aware.

    limit: seconds that each look at the whole audience may take; what takes longer is estimated.  Raises BadSpan.
    """
    now = database_now()
    span = Span(starts_at or now, ends_at, local_time, timezone)
    counted, is_exact = _counted(audience, limit)
    by_code: Counter[int] = Counter()
    by_zone: Counter[str] = Counter()
    for code, zone, clients in counted:
        by_code[code] += clients
        by_zone[zone] += clients
    zones = [_zone_due(span, window, zone, clients, now) for zone, clients in by_zone.items()]
    capped = _crowd(audience, span, window, cap) if cap else Crowd(0, exact=True)
    total = by_zone.total()
    # Who is capped is not known by zone.
    left = {zone: clients - clients * capped.capped // total for zone, clients in by_zone.items()}
    ahead = outlook(left, span, window, gateway, now)
    return Preview(
        clients=total,
        exact=is_exact,
        crowd=capped,
        by_operator_code=dict(sorted(by_code.items())),
        zones=sorted(zones, key=lambda zone: (zone.due_at, zone.timezone)),
        samples=_samples(text, audience, limit),
        outlook=ahead,
        warnings=cautions(ahead, gateway),
    )


def _counted(audience: Filter, limit: float | None) -> tuple[list[tuple[int, str, int]], bool]:
    """Clients by operator code and zone, and whether that is exact."""
    where, values = audience.where()
    try:
        with _cursor(limit) as cursor:
            cursor.execute(_COUNT.format(where=where), values)
            return list(cursor.fetchall()), True
    except TooSlow:
        return _estimated(audience), False


def _estimated(audience: Filter) -> list[tuple[int, str, int]]:
    where, values = audience.where()
    query = _COUNT.format(where=f"c.id > %(after)s AND c.id <= %(to)s AND {where}")
    draw = Draw()
    counted: Counter[tuple[int, str]] = Counter()
    with connection.cursor() as cursor:
        for after, to in draw:
            cursor.execute(query, values | {"after": after, "to": to})
            counted.update({(code, zone): clients for code, zone, clients in cursor.fetchall()})
    return [(code, zone, draw.of_all(clients)) for (code, zone), clients in counted.items()]


def _crowd(audience: Filter, span: Span, window: SendWindow | None, cap: Cap) -> Crowd:
    ahead = Mailing(
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        local_time=span.local,
        timezone=span.zone,
        window=window and window.to_json(),
    )
    return crowd(audience, ahead, cap)


def _zone_due(span: Span, window: SendWindow | None, zone: str, clients: int, now: datetime) -> ZoneDue:
    when = moments(span, known_zone(zone), now=now, window=window)
    return ZoneDue(zone, clients, when.due_at, when.deadline, when.expired)


def _samples(text: str, audience: Filter, limit: float | None) -> list[Sample]:
    where, values = audience.where()
    try:
        with _cursor(limit) as cursor:
            cursor.execute(_SAMPLE.format(where=where), values | {"samples": _SAMPLES})
            ids = [client_id for (client_id,) in cursor.fetchall()]
    except TooSlow:
        return []
    return samples(text, ids)


def _cursor(limit: float | None) -> AbstractContextManager[CursorWrapper]:
    return connection.cursor() if limit is None else bounded_cursor(limit)


def samples(text: str, client_ids: Collection[int], *, with_links: bool = True) -> list[Sample]:
    """What these clients would read, in the order of their ids. with_links: theirs; else one that opts nobody out."""
    clients = list(Client.objects.filter(pk__in=client_ids).order_by("pk"))
    tag_ids = {tag_id for client in clients for tag_id in client.tag_ids}
    names = dict(Tag.objects.filter(pk__in=tag_ids).values_list("pk", "name"))
    return [_sample(text, client, names, client.pk if with_links else NOBODY) for client in clients]


def _sample(text: str, client: Client, names: Mapping[int, str], linked: int) -> Sample:
    try:
        rendered = render(text, _values(client, names) | link_values(text, linked)) if is_template(text) else text
    except BadTemplate as error:
        return Sample(client.pk, client.phone, None, str(error), None)
    return Sample(client.pk, client.phone, rendered, "", segments(rendered))


def _values(client: Client, names: Mapping[int, str]) -> dict[str, Any]:
    """The same values that the queue renders with."""
    tags = sorted(names[tag_id] for tag_id in client.tag_ids if tag_id in names)
    return {**client.attributes, "phone": str(client.phone), "tags": tags}
