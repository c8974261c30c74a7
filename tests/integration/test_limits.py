"""What a pump makes of a gateway's limits: the real database, Valkey and gateway."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from soroka.dispatch import pace
from soroka.dispatch.pumping import deliver
from soroka.models import Gateway
from soroka.statistics.tally import Counts, counts
from tests.integration import test_pumping
from tests.integration.test_pumping import Make, MakeClients, Simulate, go
from tests.seconds import most_in_a_second

pytestmark = pytest.mark.django_db(transaction=True)
simulate = test_pumping.simulate


@pytest.fixture(autouse=True)
def own_client() -> Iterator[None]:
    """A client of REDIS_URL as it is in this test."""
    pace._valkey.cache_clear()
    yield
    pace._valkey.cache_clear()


def test_a_gateway_is_called_at_its_pace(make_clients: MakeClients, make_mailing: Make, simulate: Simulate) -> None:
    simulator = simulate()
    make_clients(1500)
    mailing = make_mailing()
    Gateway.objects.update(rate=200, burst=50)
    began = time.monotonic()
    assert deliver(go) is True
    seconds = time.monotonic() - began
    times = simulator.times()
    assert most_in_a_second(times) <= 250
    assert 0.8 * 200 * (seconds - 1) <= len(times) <= 200 * seconds + 50
    assert counts([mailing.pk])[mailing.pk].delivered == len(times)


def test_without_valkey_nothing_is_sent_at_a_pace_and_all_else_is(
    make_clients: MakeClients, make_mailing: Make, simulate: Simulate, settings: Any
) -> None:
    simulator = simulate()
    settings.REDIS_URL = "redis://127.0.0.1:9"
    make_clients(20)
    other = Gateway(name="unlimited", url=simulator.url)
    other.set_token("any")
    other.save()
    held, free = make_mailing(), make_mailing(gateway=other)
    Gateway.objects.filter(name="default").update(rate=1000, burst=1000)
    assert deliver(go) is False
    assert counts([held.pk])[held.pk] == Counts(20, 20, 0, 0)
    assert counts([free.pk])[free.pk] == Counts(20, 0, 20, 0)
    assert simulator.record()["calls"] == 20


def test_a_single_message_waits_for_no_more_than_its_moment(
    make_clients: MakeClients, make_mailing: Make, simulate: Simulate
) -> None:
    simulate()
    make_clients(1)
    Gateway.objects.update(rate=1, burst=1)
    mailings = [make_mailing().pk, make_mailing().pk]
    deliver(go)
    assert sum(each.delivered for each in counts(mailings).values()) == 2
