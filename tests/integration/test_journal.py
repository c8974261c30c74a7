"""What the log says of a mailing on its way, and that all of it is found by an id."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from structlog.contextvars import bound_contextvars

from soroka.config.celery import app
from soroka.dispatch.chores import tick
from soroka.dispatch.pumping import deliver
from soroka.models import Attempt, Batch, Client, Gateway, Mailing, Message
from soroka.queue.withdraw import cancel
from soroka.tasks import ring_planning
from soroka.terminal.log_lines import Asked
from tests.simulator import Simulator

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Mailing]
MakeClients = Callable[..., list[Client]]
Logged = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def simulate(settings: Any, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    running: list[Simulator] = []

    def start(*options: str) -> None:
        running.append(Simulator(*options))
        settings.GATEWAY_URL = running[-1].url
        settings.READ_GATEWAY_TOKEN = lambda: "any"

    monkeypatch.delenv("SOROKA_SIMULATOR_SECRET", raising=False)
    yield start
    for simulator in running:
        simulator.stop()


def go() -> bool:
    return False


def test_a_batch_has_one_line_and_each_attempt_that_was_not_accepted_one_of_its_own(
    make_clients: MakeClients, make_mailing: Make, simulate: Any, logged: Logged
) -> None:
    simulate("--fail", "0.1")
    make_clients(300)
    mailing = make_mailing()
    deliver(go)
    batch = Batch.objects.get()
    [told] = logged("batch")
    assert (told["mailing"], told["batch"], told["gateway"]) == (mailing.pk, batch.pk, "default")
    assert told["messages"] == [batch.id_from, batch.id_to]
    assert (told["accepted"], told["rejected"]) == (batch.delivered, batch.not_sent)
    refused = logged("not accepted")
    clients = dict(Message.objects.filter(status=2).values_list("id", "client_id"))
    assert {line["message"]: line["client"] for line in refused} == clients
    assert len(refused) == Attempt.objects.count() == batch.not_sent > 0
    assert {(line["outcome"], line["status"], line["reason"]) for line in refused} == {
        ("rejected", "not_sent", "rejected")
    }
    assert not logged("accepted")


def test_each_message_has_a_line_where_that_is_asked_for(
    make_clients: MakeClients, make_mailing: Make, simulate: Any, logged: Logged, settings: Any
) -> None:
    settings.LOG_MESSAGES = True
    simulate()
    clients = make_clients(20)
    make_mailing()
    deliver(go)
    assert {line["client"] for line in logged("accepted")} == {client.pk for client in clients}


def test_everything_of_a_mailing_is_found_by_its_id_and_of_a_client_by_his(
    make_clients: MakeClients, make_mailing: Make, simulate: Any, logged: Logged
) -> None:
    simulate("--fail", "1")
    one, _ = make_clients(2)
    mailing, other = make_mailing(), make_mailing()
    deliver(go)
    tick()
    cancel(make_mailing(starts_in=600).pk)
    tick()

    def events(asked: Asked) -> list[str]:
        return [line["event"] for line in logged() if asked.fits(line)]

    assert events(Asked(mailing=mailing.pk)) == ["planned", "not accepted", "not accepted", "batch", "mailing over"]
    assert "trail" in [line["event"] for line in logged()]
    assert "batch closed" in [line["event"] for line in logged()]
    his = Message.objects.get(client=one, mailing=other)
    assert events(Asked(message=his.pk)) == ["not accepted", "batch"]
    of_client = Asked(client=one.pk, his=list(Message.objects.filter(client=one).values_list("id", flat=True)))
    assert events(of_client).count("not accepted") == 2
    assert events(of_client).count("planned") == 3
    phones = Client.objects.values_list("phone", flat=True)
    assert not [line for line in logged() for phone in phones if str(phone) in str(line)]


def test_planning_in_a_worker_tells_for_which_request_it_is(
    make_clients: MakeClients, make_mailing: Make, logged: Logged, eventually: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_URL", "")
    monkeypatch.setenv("GATEWAY_TOKEN", "")
    make_clients(3)
    mailing = make_mailing(planned=False)
    with bound_contextvars(request_id="mine-1"):
        ring_planning(mailing.pk)
    monkeypatch.setattr(app.amqp, "queues", app.conf.task_queues)  # of which the worker selects its own for the app
    with start_worker(app, pool="solo", perform_ping_check=False, queues=["planning"], loglevel="INFO"):
        eventually(lambda: logged("planned"), within=20)
    [told] = logged("planned")
    assert (told["mailing"], told["found"], told["whole"]) == (mailing.pk, 3, True)
    assert told["request_id"] == "mine-1"
