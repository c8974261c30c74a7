"""A pump over the real database and a real gateway: the simulator in its own process."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from soroka.dispatch.chores import tick
from soroka.dispatch.pumping import deliver
from soroka.domain.message import MailingStatus, Reason, Status
from soroka.models import Attempt, Batch, Client, Gateway, Mailing, Message
from soroka.models.status import status_of
from soroka.statistics.tally import Counts, counts

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Mailing]
MakeClients = Callable[..., list[Client]]
Simulate = Callable[..., "Simulator"]


class Simulator:
    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "soroka.gateways.simulator", "--port", "0", *options],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.url = next(word for word in line.split() if word.startswith("http")).rstrip(".,")

    def record(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/record", timeout=10) as answer:
            summary: dict[str, Any] = json.load(answer)
        return summary

    def behave(self, **behaviour: Any) -> None:
        body = json.dumps(behaviour).encode()
        request = urllib.request.Request(f"{self.url}/behaviour", body, {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=10).close()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)


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
