"""A test message, against the simulated gateway and against none."""

import os

import pytest

from soroka.consent.ledger import Origin
from soroka.consent.opting import opt_out_phone
from soroka.models import Change, Gateway, Message
from soroka.models.consent import Channel
from tests.api.conftest import errors
from tests.simulator import Simulator

PHONE = 79161234567
BODY = {"phone": "+7 916 123-45-67", "text": "Проверка связи"}


@pytest.fixture(scope="module")
def simulator():
    secret = os.environ.pop("SOROKA_SIMULATOR_SECRET", None)
    running = Simulator()
    yield running
    running.stop()
    if secret:
        os.environ["SOROKA_SIMULATOR_SECRET"] = secret


@pytest.fixture
def reached(simulator, settings, gateway):
    """The gateway ``default``, which is the simulator, well and quick."""
    settings.GATEWAY_URL = simulator.url
    settings.READ_GATEWAY_TOKEN = lambda: "any"
    simulator.behave(latency=0, jitter=0, fault={})
    return gateway


@pytest.fixture(autouse=True)
def uncounted(monkeypatch):
    """Nobody has tried before."""
    monkeypatch.setattr("soroka.api.trials.within_bound", lambda who, most: True)


def send(api, **changed):
    return api.post("/gateways/default/trial", BODY | changed, format="json")


def test_the_gateway_takes_it_under_a_number_that_no_message_has(api, reached, simulator, make_mailing, make_clients):
    [client] = make_clients(1)
    mailing = make_mailing()
    answer = send(api, phone=str(client.phone))
    assert answer.status_code == 200, answer.content
    trial = answer.json()
    assert (trial["outcome"], trial["detail"]) == ("accepted", "") and trial["seconds"] > 0
    assert simulator.record()["calls"] >= 1
    numbers = set(Message.objects.values_list("pk", flat=True))
    assert trial["number"] > 0 and trial["number"] not in numbers
    assert api.get(f"/messages/{trial['number']}").status_code == 404
    assert api.get(f"/mailings/{mailing['id']}").json()["id"] == mailing["id"]
    later = send(api).json()
    assert later["number"] != trial["number"]


@pytest.mark.parametrize(
    ("fault", "outcome", "detail"),
    [
        ("400", "rejected", "HTTP 400 Bad Request"),
        ("code", "rejected", "HTTP 200, code 1"),
        ("503", "deferred", "HTTP 503 Service Unavailable"),
        ("401", "deferred", "HTTP 401 Unauthorized"),
        ("500", "unknown", "HTTP 500 Internal Server Error"),
        ("html", "unknown", "HTTP 200, not JSON"),
    ],
)
def test_whatever_it_answers_is_told_and_changes_nothing_of_how_it_fares(
    api, reached, simulator, fault, outcome, detail
):
    simulator.behave(fault={fault: 1.0})
    before = Gateway.objects.filter(pk=reached.pk).values().get()
    trial = send(api).json()
    assert (trial["outcome"], trial["detail"]) == (outcome, detail)
    assert Gateway.objects.filter(pk=reached.pk).values().get() == before


def test_a_gateway_that_is_stopped_can_be_tried(api, reached):
    Gateway.objects.update(stopped_at="2026-01-01T00:00Z", trouble=7)
    assert send(api).json()["outcome"] == "accepted"
    assert Gateway.objects.get().trouble == 7


def test_a_gateway_that_is_away_or_has_no_token_took_nothing(api, reached, settings):
    settings.GATEWAY_URL = "http://127.0.0.1:9"
    away = send(api).json()
    assert away["outcome"] == "deferred" and away["detail"].startswith("cannot connect")
    settings.READ_GATEWAY_TOKEN = lambda: ""
    bare = send(api).json()
    assert bare["outcome"] == "deferred" and "GATEWAY_TOKEN" in bare["detail"] and bare["seconds"] == 0


def test_its_rate_is_kept_to(api, reached, simulator):
    Gateway.objects.update(rate=0.01)
    before = simulator.record()["calls"]
    refused = send(api).json()
    assert refused["outcome"] == "deferred" and refused["seconds"] == 0
    assert simulator.record()["calls"] == before
    Gateway.objects.update(rate=50)
    assert send(api).json()["outcome"] == "accepted"


def test_nobody_who_opted_out_is_written_to(api, reached, simulator, make_clients):
    before = simulator.record()["calls"]
    opt_out_phone(PHONE, Origin(Channel.API))
    [client] = make_clients(1, opted_out=True)
    for phone in (PHONE, client.phone):
        answer = send(api, phone=str(phone))
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:soroka:problem:opted_out")
    assert simulator.record()["calls"] == before and not Change.objects.filter(action="trial").exists()


def test_five_a_minute_are_enough_for_one_user(api, caller, reached, monkeypatch):
    counted: list[str] = []

    def within(who, most):
        counted.append(who)
        return counted.count(who) <= most

    monkeypatch.setattr("soroka.api.trials.within_bound", within)
    answers = [send(api) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[-1].json()["type"] == "urn:soroka:problem:too_many_trials"
    assert answers[-1]["Retry-After"] == "60"
    assert send(caller("admin")).status_code == 200


def test_it_is_entered_in_the_trail_without_the_number(api, reached):
    number = send(api).json()["number"]
    entry = Change.objects.get(action="trial")
    assert (entry.kind, entry.object_id) == ("gateway", reached.pk)
    assert entry.after == {"number": number, "phone_ends_in": "67", "outcome": "accepted"}


def test_what_is_wrong_is_said_at_its_field(api, reached):
    assert errors(send(api, phone="12", text="")) == {("phone", "invalid_phone"), ("text", "blank")}
    assert errors(send(api, text="a\x07b")) == {("text", "control_characters")}
    assert errors(send(api, text="a" * 2001)) == {("text", "max_length")}
    assert api.post("/gateways/nobody/trial", BODY, format="json").status_code == 404
    assert api.post("/gateways/a%00b/trial", BODY, format="json").status_code == 404


def test_a_viewer_sends_none(caller, reached):
    assert send(caller("viewer")).status_code == 403
    assert send(caller()).status_code == 401
