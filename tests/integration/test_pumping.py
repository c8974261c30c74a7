"""A pump over the real database and a real gateway: the simulator in its own process."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DataError

from soroka.delivery.ports import Lease, Offer
from soroka.dispatch.chores import tick
from soroka.dispatch.pumping import deliver
from soroka.domain.message import MailingStatus, Reason, Status
from soroka.domain.send_window import SendWindow
from soroka.models import Attempt, Batch, Client, Gateway, Mailing, Message, Meter
from soroka.models.locks import PUMP, leave_slot, take_slot
from soroka.models.meter import Counted
from soroka.models.status import status_of
from soroka.queue import offer
from soroka.statistics.tally import Counts, counts
from tests.simulator import Simulator

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Mailing]
MakeClients = Callable[..., list[Client]]
Simulate = Callable[..., Simulator]


@pytest.fixture
def simulate(settings: Any, gateway: Gateway) -> Iterator[Simulate]:
    running: list[Simulator] = []

    def start(*options: str) -> Simulator:
        running.append(Simulator(*options))
        settings.GATEWAY_URL = running[-1].url
        settings.READ_GATEWAY_TOKEN = lambda: "any"
        return running[-1]

    os.environ.pop("SOROKA_SIMULATOR_SECRET", None)
    yield start
    for simulator in running:
        simulator.stop()


@contextmanager
def slot_taken(number: int) -> Iterator[None]:
    """Another pump is at work in this slot."""
    slot = take_slot(PUMP, number + 1)
    assert slot
    assert slot.number == number
    yield
    leave_slot(slot)


def go() -> bool:
    return False


def deliver_all(limit: int = 10) -> None:
    for _ in range(limit):
        tick()
        if not Batch.objects.exclude(state=3).exists():
            return
        deliver(go)


def test_it_delivers_a_mailing(make_clients: MakeClients, make_mailing: Make, simulate: Simulate) -> None:
    simulator = simulate()
    make_clients(1500)
    make_clients(20, zone="Asia/Omsk")
    mailing = make_mailing()
    assert deliver(go) is False
    assert counts([mailing.pk])[mailing.pk] == Counts(1520, 0, 1520, 0)
    assert status_of(mailing.pk) == MailingStatus.FINISHED
    record = simulator.record()
    assert record["calls"] == record["accepted"] == 1520


def test_it_counts_what_the_gateway_said_and_how_late_that_was(
    make_clients: MakeClients, make_mailing: Make, simulate: Simulate
) -> None:
    simulate("--fail", "0.1")
    make_clients(400)
    mailing = make_mailing()
    deliver(go)
    result = counts([mailing.pk])[mailing.pk]
    assert result.not_sent > 0
    assert meter(Counted.OUTCOMES) == {"accepted": result.delivered, "rejected": result.not_sent}
    assert sum(meter(Counted.LATENESS).values()) == 400
    assert meter(Counted.LATENESS_SUM)[""] > 0
    assert meter(Counted.PLANNED) == {"": 400}
    deliver(go)
    assert sum(meter(Counted.OUTCOMES).values()) == 400


def meter(name: Counted) -> dict[str, float]:
    return dict(Meter.objects.filter(name=name).values_list("label", "value"))


def test_failures_come_back_and_refusals_do_not(
    make_clients: MakeClients, make_mailing: Make, simulate: Simulate
) -> None:
    simulator = simulate("--fail", "0.05", "--fault", "500=0.05", "--fault", "503=0.05", "--retry-after", "0")
    make_clients(400)
    mailing = make_mailing()
    for _ in range(10):
        Batch.objects.filter(state=0).update(next_at=mailing.starts_at)
        deliver_all(1)
    result = counts([mailing.pk])[mailing.pk]
    assert result.in_process == 0
    reasons = Counter(Message.objects.filter(status=Status.NOT_SENT).values_list("reason", flat=True))
    assert 5 < reasons[Reason.REJECTED] < 50
    # One that was in doubt after a 500 and is refused at its second try may have been taken at the first.
    assert result.not_sent == reasons[Reason.REJECTED] + reasons[Reason.UNKNOWN]
    assert simulator.record()["accepted"] == result.delivered
    assert set(Attempt.objects.values_list("outcome", flat=True)) == {"rejected", "deferred", "unknown"}


def test_a_pump_without_a_connection_leaves_the_gateway_to_the_others(
    make_clients: MakeClients, make_mailing: Make, simulate: Simulate
) -> None:
    simulator = simulate()
    make_clients(5)
    mailing = make_mailing()
    Gateway.objects.update(connections=1)
    with slot_taken(0):
        deliver(go)
    assert counts([mailing.pk])[mailing.pk].in_process == 5
    deliver(go)
    assert simulator.record()["accepted"] == 5


def test_a_failed_message_waits_as_its_gateway_says(
    make_clients: MakeClients, make_mailing: Make, simulate: Simulate
) -> None:
    simulate("--fault", "503=0.02", "--retry-after", "0")
    make_clients(400)
    mailing = make_mailing()
    Gateway.objects.update(backoff_base=1000.0, backoff_cap=3000.0, jitter=0.0)
    before = datetime.now(UTC)
    deliver(go)
    assert counts([mailing.pk])[mailing.pk].in_process > 0
    waiting = Batch.objects.get(state=0).next_at - before
    assert timedelta(seconds=2000) <= waiting < timedelta(seconds=2030)


def later() -> None:
    """Let pauses and backoffs be over."""
    now = datetime.now(UTC) - timedelta(seconds=1)
    Gateway.objects.update(paused_until=now)
    Batch.objects.filter(state=0).update(next_at=now)


def test_an_outage_uses_up_no_tries_and_leaves_the_mailing_to_be_delivered(
    make_clients: MakeClients, make_mailing: Make, simulate: Simulate, settings: Any
) -> None:
    make_clients(3)
    mailing = make_mailing()
    settings.GATEWAY_URL, settings.READ_GATEWAY_TOKEN = "http://127.0.0.1:9", lambda: "any"
    for _ in range(8):
        deliver(go)
        later()
    assert set(Message.objects.values_list("status", "tries")) == {(Status.IN_PROCESS, 0)}
    assert Gateway.objects.get().trouble > 3
    simulate()
    deliver(go)
    assert counts([mailing.pk])[mailing.pk] == Counts(3, 0, 3, 0)
    assert Gateway.objects.get().trouble == 0


def test_one_message_that_always_fails_does_not_hold_up_a_gateway_in_trouble(
    make_clients: MakeClients, make_mailing: Make, simulate: Simulate
) -> None:
    simulator = simulate("--fault", "500=0.1")
    make_clients(50)
    mailing = make_mailing()
    Gateway.objects.update(trouble=3)
    for _ in range(12):
        deliver(go)
        later()
    result = counts([mailing.pk])[mailing.pk]
    assert result.in_process == 0
    assert simulator.record()["ids_accepted"] == result.delivered


def test_a_text_that_fails_for_everybody_keeps_no_other_mailing_waiting(
    make_clients: MakeClients, make_mailing: Make, simulate: Simulate
) -> None:
    simulate()
    make_clients(20)
    bad = make_mailing(text="x{{ 'AA==' | base64_decode }}", ends_in=60)
    good = make_mailing(text="{{ phone }}")
    deliver(go)
    assert counts([bad.pk])[bad.pk] == Counts(20, 0, 0, 20)
    assert counts([good.pk])[good.pk] == Counts(20, 0, 20, 0)


def test_what_the_database_refuses_of_one_batch_stops_no_other(
    make_clients: MakeClients, make_mailing: Make, simulate: Simulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate()
    make_clients(5)
    bad, good = make_mailing(), make_mailing()
    real = offer.offer

    def refusing(lease: Lease, size: int, transit: float) -> Offer | None:
        if lease.mailing_id == bad.pk:
            raise DataError("refused")
        return real(lease, size, transit)

    monkeypatch.setattr(offer, "offer", refusing)
    deliver(go)
    assert counts([good.pk])[good.pk] == Counts(5, 0, 5, 0)
    assert counts([bad.pk])[bad.pk] == Counts(5, 5, 0, 0)
    assert Batch.objects.get(mailing=bad).next_at > datetime.now(UTC) + timedelta(seconds=30)


def test_a_window_that_closes_stops_a_slow_gateway_and_the_rest_goes_out_in_the_next(
    make_clients: MakeClients, make_mailing: Make, simulate: Simulate, gateway: Gateway
) -> None:
    simulator = simulate("--latency", "0.2")
    Gateway.objects.update(connections=4)
    make_clients(200, zone="UTC")
    opened = datetime.now(UTC) - timedelta(hours=2)
    window = SendWindow.between(f"{opened:%H:%M}", f"{opened + timedelta(hours=1):%H:%M}")
    mailing = make_mailing(window=window, ends_in=3 * 86400)
    closes_at = datetime.now(UTC) + timedelta(seconds=5.5)  # as if it was an hour ago; the next opening is in 22 hours
    Batch.objects.update(due_at=opened, next_at=opened, expires_at=closes_at)
    deliver_all(4)
    sent = simulator.times()
    assert 0 < len(sent) < 200
    assert max(sent) < closes_at.timestamp()
    assert deliver(go) is False
    assert len(simulator.times()) == len(sent)
    assert counts([mailing.pk])[mailing.pk] == Counts(200, 200 - len(sent), len(sent), 0)

    simulator.behave(latency=0)
    tomorrow = datetime.now(UTC)
    Batch.objects.update(opens_at=tomorrow, next_at=tomorrow, expires_at=tomorrow + timedelta(hours=1))
    deliver_all()
    assert counts([mailing.pk])[mailing.pk] == Counts(200, 0, 200, 0)
    record = simulator.record()
    assert (record["calls"], record["ids_accepted"], record["ids_called_twice"]) == (200, 200, 0)
