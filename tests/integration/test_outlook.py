"""How a mailing would go: by the gateway's rate, by what is queued, and by what was sent lately."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from soroka.audience.filter import Filter
from soroka.domain.message import BatchState
from soroka.domain.send_window import SendWindow
from soroka.models import Batch, Client, Gateway, Mailing
from soroka.planning.cautions import Caution
from soroka.planning.preview import Preview, preview
from soroka.statistics.speed import measured_speed

MakeClients = Callable[..., list[Client]]
HOUR = timedelta(hours=1)


@pytest.fixture
def ahead(gateway: Gateway) -> Callable[..., Preview]:
    """``ahead(rate=10)``: the preview of a mailing to everybody, now, for an hour, through a gateway of that rate."""

    def look(rate: float | None = None, **fields: Any) -> Preview:
        gateway.rate, gateway.burst = rate, 1_000
        now = datetime.now(UTC)
        asked = {"text": "x", "audience": Filter(everyone=True), "starts_at": None, "ends_at": now + HOUR}
        return preview(**asked | {"local_time": False, "timezone": "UTC", "gateway": gateway} | fields)

    return look


def seconds(moment: datetime | None) -> float:
    assert moment is not None
    return (moment - datetime.now(UTC)).total_seconds()


def test_the_end_is_by_the_gateways_rate(make_clients: MakeClients, ahead: Callable[..., Preview]) -> None:
    make_clients(20, zone="UTC")
    seen = ahead(rate=0.1)
    assert seconds(seen.outlook.ends_at) == pytest.approx(200, rel=0.05)
    assert (seen.outlook.expired, seen.outlook.queued, seen.warnings) == (0, 0, [])
    assert sum(quarter.messages for zone in seen.outlook.zones for quarter in zone.quarters) == 20


def test_what_is_queued_for_the_gateway_comes_before_or_between(
    make_clients: MakeClients, make_mailing: Callable[..., Mailing], ahead: Callable[..., Preview]
) -> None:
    make_clients(20, zone="UTC")
    make_mailing()
    seen = ahead(rate=0.1)
    assert seen.outlook.queued == 20
    assert seconds(seen.outlook.ends_at) == pytest.approx(400, rel=0.05)


def test_what_is_queued_under_a_window_waits_through_the_night_and_is_there_when_it_opens(
    make_clients: MakeClients, make_mailing: Callable[..., Mailing], ahead: Callable[..., Preview]
) -> None:
    make_clients(10, zone="UTC")
    make_clients(10, zone="Asia/Omsk")
    now = datetime.now(UTC)
    opens, closes = now - 2 * HOUR, now.replace(second=0, microsecond=0) + timedelta(minutes=2)
    make_mailing(window=SendWindow.between(f"{opens:%H:%M}", f"{closes:%H:%M}"), ends_in=3 * 86_400)
    tomorrow = opens.replace(second=0, microsecond=0) + timedelta(days=1)
    seen = ahead(rate=0.05, starts_at=tomorrow, ends_at=tomorrow + 2 * HOUR)
    assert seen.outlook.queued == 20
    assert seen.outlook.ends_at is not None
    # In Omsk it is open at other hours by then: ten are left for this one, but for what goes until the close.
    sent_today = 0.05 * ((closes - now).total_seconds() - 3.5)
    took = (seen.outlook.ends_at - tomorrow).total_seconds()
    assert took == pytest.approx(400 + (10 - sent_today) / 0.05, rel=0.05)


def test_it_says_who_would_expire(make_clients: MakeClients, ahead: Callable[..., Preview]) -> None:
    make_clients(20, zone="UTC")
    make_clients(2, zone="Asia/Vladivostok")
    now = datetime.now(UTC)
    seen = ahead(rate=0.1, starts_at=now - timedelta(minutes=5), ends_at=now + timedelta(seconds=100), local_time=True)
    told = {each.code: (each.clients, each.timezones) for each in seen.warnings}
    assert told[Caution.TOO_LATE] == (2, ("Asia/Vladivostok",))
    assert told[Caution.DEADLINE] == (pytest.approx(10, abs=1), ("UTC",))
    assert seen.outlook.expired == sum(clients for clients, _ in told.values())


def test_a_gateway_in_trouble_and_one_of_unknown_speed_are_named(
    make_clients: MakeClients, gateway: Gateway, ahead: Callable[..., Preview]
) -> None:
    make_clients(1)
    gateway.trouble = 1
    seen = ahead()
    assert [each.code for each in seen.warnings] == [Caution.GATEWAY, Caution.UNKNOWN_SPEED]
    assert (seen.outlook.speed, seen.outlook.measured) == (None, True)
    assert seconds(seen.outlook.ends_at) == pytest.approx(0, abs=5)


def test_without_a_rate_its_speed_is_what_it_took_while_it_was_busy(
    make_clients: MakeClients, make_mailing: Callable[..., Mailing], gateway: Gateway
) -> None:
    make_clients(600)
    make_mailing()
    assert measured_speed(gateway.pk) is None
    with connection.cursor() as cursor:  # 200 a second in three of ten seconds
        cursor.execute(
            "UPDATE soroka_message SET status = 1, settled_at = date_trunc('second', now()) + id % 3 * interval '5 s'"
        )
    Batch.objects.update(state=BatchState.CLOSED, delivered=600, lateness_max=60)
    assert measured_speed(gateway.pk) == 200
