"""The pack of one phone: who agreed to what, what was sent, and what is not known any more."""

import json
from datetime import UTC, datetime

import pytest
from django.db.models.functions import Now

from soroka.api import evidence
from soroka.consent.verify import Head, verify
from soroka.domain.message import Reason, Status
from soroka.models import Attempt, Batch, Client, ConsentText, Mailing, Message, MessageText
from soroka.models.consent import Act

CONSENT = {"source": "The form at shop.example", "wording": "I agree to be written to."}


@pytest.fixture
def client(make_clients):
    return make_clients(1, attributes={"name": "Анна"})[0]


@pytest.fixture
def pack(caller):
    viewer = caller("viewer")

    def read(client_id: int) -> dict:
        answer = viewer.get(f"/clients/{client_id}/evidence", headers={"accept": "text/html"})
        assert answer.status_code == 200, answer.content
        assert answer["Cache-Control"] == "no-store"
        assert answer["Content-Type"] == "application/json"
        assert f"client-{client_id}-evidence.json" in answer["Content-Disposition"]
        return json.loads(answer.getvalue())

    return read


def accept(mailing: dict) -> Message:
    """As if the gateway had taken its message over."""
    Batch.objects.filter(mailing=mailing["id"]).update(first_offered_at=Now())
    Message.objects.filter(mailing=mailing["id"]).update(status=Status.DELIVERED, settled_at=datetime.now(UTC))
    return Message.objects.get(mailing=mailing["id"])


def test_it_has_who_agreed_to_what_and_every_message(api, pack, client, make_mailing, gateway):
    api.post(f"/clients/{client.pk}/opt-in", CONSENT, format="json")
    first = make_mailing(text="Привет, {{ name }}!", name="Spring")
    taken = accept(first)
    MessageText.objects.create(message=taken, text="Привет, Анна!")
    make_mailing(text="Ещё раз")
    refused = Message.objects.latest("id")
    Attempt.objects.create(message=refused, gateway=gateway, outcome="deferred", detail="busy")
    api.post(f"/clients/{client.pk}/opt-out", {"source": "A letter"}, format="json")
    found = pack(client.pk)
    assert (found["client"]["phone"], found["client"]["attributes"]) == (str(client.phone), {"name": "Анна"})
    assert found["suppressed_at"]
    opted_out, opted_in = found["consents"]
    assert {"act": "opt_in", "channel": "api", "recorded_by": "operator", **CONSENT}.items() <= opted_in.items()
    assert (opted_out["act"], opted_out["source"], opted_out["wording"]) == ("opt_out", "A letter", "")
    later, earlier = found["messages"]
    assert (earlier["text"], earlier["mailing_name"], earlier["status"]) == ("Привет, Анна!", "Spring", "delivered")
    assert earlier["receipt"].pop("at") == earlier["settled_at"]
    assert earlier["receipt"] == {"gateway": "default", "number": taken.pk}
    assert earlier["created_at"] and earlier["due_at"] and earlier["offered_at"]
    assert (later["text"], later["status"], later["reason"]) == ("Ещё раз", "not_sent", Reason.OPTED_OUT.slug)
    assert [attempt["detail"] for attempt in later["attempts"]] == ["busy"]
    assert later["receipt"] is None
    assert found["removed"] == []


def test_what_was_never_offered_has_no_time_of_it(pack, client, make_mailing):
    make_mailing()
    Batch.objects.update(first_offered_at=Now())
    [message] = pack(client.pk)["messages"]
    assert message["offered_at"] is None


def test_each_act_names_a_seal_that_the_verification_takes(api, pack, client):
    api.post(f"/clients/{client.pk}/opt-out")
    api.post(f"/clients/{client.pk}/opt-in", CONSENT, format="json")
    for act in pack(client.pk)["consents"]:
        place, _, written = act["seal"].partition(":")
        head = Head(int(place), bytes.fromhex(written))
        assert list(verify(Head(2, b""), known=head))


def test_what_somebody_had_before_who_had_the_phone_is_in_it_and_nothing_else_of_his(api, pack, client, make_mailing):
    phone = client.phone
    make_mailing(text="To the first")
    api.post(f"/clients/{client.pk}/opt-in", CONSENT, format="json")
    api.patch(f"/clients/{client.pk}", {"phone": "79260000001"}, format="json")
    Message.objects.update(phone=phone)
    moved = make_mailing(text="To his new number")["id"]
    api.delete(f"/clients/{client.pk}")
    again = api.post("/clients", {"phone": str(phone)}, format="json").json()["id"]
    found = pack(again)
    assert [message["text"] for message in found["messages"]] == ["To the first"]
    assert Message.objects.filter(mailing=moved).exists()
    assert [(act["act"], act["client"]) for act in found["consents"]] == [(Act.OPT_IN, client.pk)]


def test_it_says_what_was_removed_by_age_and_what_was_forgotten(api, pack, client, make_mailing, make_clients):
    api.post(f"/clients/{client.pk}/opt-in", CONSENT, format="json")
    ConsentText.objects.all().delete()
    gone = make_mailing(name="Old")["id"]
    Message.objects.all().delete()
    Mailing.objects.update(gone_at=Now())
    [act] = pack(client.pk)["consents"]
    assert (act["forgotten"], act["wording"]) == (True, None)
    [removed] = pack(client.pk)["removed"]
    assert (removed["id"], removed["name"], bool(removed["gone_at"])) == (gone, "Old", True)
    [newer] = make_clients(1)
    assert pack(newer.pk)["removed"] == []


def test_it_is_read_page_by_page(api, pack, client, make_mailing, monkeypatch):
    monkeypatch.setattr(evidence, "PAGE", 2)
    mailings = [make_mailing()["id"] for _ in range(5)]
    for number in range(5):
        api.post(f"/clients/{client.pk}/opt-in", CONSENT | {"wording": f"{number}"}, format="json")
    found = pack(client.pk)
    assert [message["mailing"] for message in found["messages"]] == mailings[::-1]
    assert [act["wording"] for act in found["consents"]] == ["4", "3", "2", "1", "0"]


def test_nobody_who_is_not_there_has_one_and_nobody_unknown_reads_it(caller, api, client):
    assert api.get("/clients/999999/evidence").status_code == 404
    assert caller().get(f"/clients/{client.pk}/evidence").status_code == 401
    assert Client.objects.count() == 1
