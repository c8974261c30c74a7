"""When the messages of a mailing would be sent, and which would expire: by what its gateway lets through (ADR 22)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import orjson

from soroka.domain.forecast import QUARTER, Stream, flow
from soroka.domain.pace import Limit
from soroka.domain.schedule import Span, known_zone, openings
from soroka.domain.send_window import Opening, SendWindow
from soroka.models import Gateway, Mailing
from soroka.models.statement import run
from soroka.statistics.speed import measured_speed

#: Quarters of an hour that are told for each zone: three days.
MOST_QUARTERS = 3 * 96
#: Seconds before a close in which no call is begun any more: ``transit`` of a gateway.
_TRANSIT = 3.5
#: Mailings have ids from 1 on.
_OURS = 0
#: The share of its pace at least which a gateway really gets.
_NEAR = 0.8
#: Messages a second where nobody knows: all is sent when it is due.
_AT_ONCE = 1e6

# What is queued, by mailing and by quarter of an hour in which it may be sent next; under a send window also by zone,
# for each has openings of its own.
_QUEUED = """
SELECT b.mailing_id, sum(b.total - b.delivered - b.not_sent)::float8,
       min(b.next_at), max(coalesce(b.deadline, b.expires_at)), z.name, m."window"
  FROM soroka_batch b
  LEFT JOIN soroka_zone z ON z.id = b.zone_id AND b.deadline IS NOT NULL
  LEFT JOIN soroka_mailing m ON m.id = b.mailing_id
 WHERE b.gateway_id = %(gateway)s AND b.state IN (0, 1) AND NOT b.held AND b.closing IS NULL
 GROUP BY b.mailing_id, z.id, m.id, ceil(extract(epoch FROM b.next_at - clock_timestamp()) / 900)
"""


@dataclass(frozen=True, slots=True)
class Quarter:
    """at: its beginning, UTC; that of the first is in the past.  messages: how many would be sent in it."""

    at: datetime
    messages: int


@dataclass(frozen=True, slots=True)
class ZoneOutlook:
    """How it would go for the clients of a zone. opens: there is an hour at which they may be written to.

    expired: how many would have no message by their deadline.

    quarters: those in which something would be sent, up to ``MOST_QUARTERS``.
    """

    timezone: str
    opens: bool
    expired: int
    quarters: list[Quarter]


@dataclass(frozen=True, slots=True)
class Outlook:
    """How a mailing would go. speed: messages a second; None: unknown, then all is taken to be sent when it is due.

    measured: by what was sent lately, not by the gateway's rate.  queued: messages for the gateway before these.
    ends_at: when the last is sent, UTC; None where none is, or some wait longer than forecast.  waits: how many do.
    """

    speed: float | None
    measured: bool
    queued: int
    ends_at: datetime | None
    expired: int
    waits: int
    zones: list[ZoneOutlook]


def outlook(
    clients: Mapping[str, int], span: Span, window: SendWindow | None, gateway: Gateway, now: datetime
) -> Outlook:
    """Forecast a mailing to so many clients of each zone. now: by the database's clock."""
    since = now.astimezone(UTC).replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    speed, is_measured = _speed(gateway)
    queued = _queued(gateway.pk, since)
    before = sum(stream.left for stream in queued)
    hours = {zone: partial(openings, span, known_zone(zone), now=now, window=window) for zone in clients}
    ours = {zone: Stream(_OURS, number, _seconds(hours[zone](), since)) for zone, number in sorted(clients.items())}
    flow([*ours.values(), *queued], speed or _AT_ONCE, _OURS, (now - since).total_seconds())
    return Outlook(
        speed=speed,
        measured=is_measured,
        queued=round(before),
        ends_at=_end(ours.values(), since),
        expired=sum(map(_expired, ours.values())),
        waits=round(sum(stream.left for stream in ours.values() if stream.waits)),
        zones=[
            ZoneOutlook(zone, any(True for _ in hours[zone]()), _expired(stream), _quarters(stream, since))
            for zone, stream in ours.items()
        ],
    )


def forecast_end(mailing: Mailing, now: datetime) -> datetime | None:
    """When the last message of a mailing that is under way would be sent, by what its gateway lets through, UTC.

    now: by the database's clock.  None where that is not known: the speed is not, it takes longer than is forecast,
    or nothing of it waits for its own gateway.
    """
    speed, _ = _speed(mailing.gateway)
    if speed is None:
        return None
    queued = _queued(mailing.gateway_id, now)
    flow(queued, speed, mailing.pk)
    return _end([stream for stream in queued if stream.mailing == mailing.pk], now)


def _speed(gateway: Gateway) -> tuple[float | None, bool]:
    """Messages a second, and whether that was measured."""
    measured = measured_speed(gateway.pk)
    if not gateway.rate:
        return measured, True
    pace = 1 / Limit(gateway.rate, gateway.burst).interval
    # Pumps lose some of their moments. What is far from the pace was measured under another rate.
    return (measured, True) if measured and _NEAR * pace < measured < pace else (pace, False)


def _queued(gateway_id: int, since: datetime) -> list[Stream]:
    rows = run(_QUEUED, {"gateway": gateway_id})
    return [Stream(mailing, messages, _seconds(_openings(*when), since)) for mailing, messages, *when in rows]


def _openings(next_at: datetime, until: datetime, zone: str | None, window: str | None) -> Iterable[Opening]:
    """When what is queued may be sent. zone: None: its mailing has no window."""
    if zone is None or window is None:
        return [Opening(next_at, until)]
    return SendWindow.from_json(orjson.loads(window)).openings(known_zone(zone), next_at, until)


def _seconds(found: Iterable[Opening], since: datetime) -> Iterator[tuple[float, float]]:
    for opening in found:
        yield (opening.opens_at - since).total_seconds(), (opening.closes_at - since).total_seconds() - _TRANSIT


def _end(streams: Iterable[Stream], since: datetime) -> datetime | None:
    streams = list(streams)
    if any(stream.waits for stream in streams):
        return None
    last = max((stream.last for stream in streams if stream.last is not None), default=None)
    return None if last is None else since + timedelta(seconds=last)


def _expired(stream: Stream) -> int:
    return 0 if stream.waits else round(stream.left)


def _quarters(stream: Stream, since: datetime) -> list[Quarter]:
    """In whole messages: what is rounded off in one quarter comes in the next."""
    quarters, total, told = [], 0.0, 0
    for number, sent in sorted(stream.sent.items())[:MOST_QUARTERS]:
        total += sent
        if whole := round(total) - told:
            quarters.append(Quarter(since + timedelta(seconds=number * QUARTER), whole))
        told = round(total)
    return quarters
