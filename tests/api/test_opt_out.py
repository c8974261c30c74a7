"""Opting out and in: by the API, and what it leaves behind."""

import pytest

from soroka.models import Client, Consent, ConsentText
from tests.api.conftest import errors

PHONE = "79161234567"
CONSENT = {"source": "The form at shop.example", "wording": "I agree to be written to."}


@pytest.fixture
def client(make_clients):
    return make_clients(1)[0]


@pytest.fixture
def opt(api, client):
    return lambda how, body=None, pk=None: api.post(f"/clients/{pk or client.pk}/opt-{how}", body or {}, format="json")


def test_it_opts_out_and_in_and_says_who_when_where_and_in_which_words(opt, client):
    assert opt("out").json()["opted_out"] is True
    assert opt("in", CONSENT).json()["opted_out"] is False
    acts = Consent.objects.order_by("id").values_list("act", "channel", "recorded_by", "client_id")
    assert list(acts) == [("opt_out", "api", "operator", client.pk), ("opt_in", "api", "operator", client.pk)]
    assert ConsentText.objects.values("source", "wording").get() == CONSENT


def test_a_repeat_changes_and_records_nothing(opt):
    for _ in range(2):
        assert opt("in", CONSENT).status_code == 200
    for _ in range(2):
        assert opt("out").status_code == 200
    assert Consent.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, {("source", "required"), ("wording", "required")}),
        (CONSENT | {"source": " "}, {("source", "blank")}),
        (CONSENT | {"wording": "x" * 5001}, {("wording", "max_length")}),
        (CONSENT | {"wording": "\0"}, {("wording", "null_characters_not_allowed")}),
    ],
)
def test_an_opt_in_needs_source_and_wording(opt, client, body, field):
    answer = opt("in", body)
    assert answer.status_code == 400
    assert errors(answer) == field
    assert not Consent.objects.exists()


def test_a_word_in_the_client_opts_out_and_does_not_opt_in(api, client):
    path = f"/clients/{client.pk}"
    assert api.patch(path, {"opted_out": True}, format="json").json()["opted_out"] is True
    answer = api.patch(path, {"opted_out": False}, format="json")
    assert errors(answer) == {("opted_out", "needs_opt_in")}
    assert api.put(path, {"phone": str(client.phone)}, format="json").json()["opted_out"] is True
    assert Consent.objects.get().recorded_by == "operator"


def test_who_opted_out_and_was_deleted_is_opted_out_when_he_is_made_again(api, opt):
    made = api.post("/clients", {"phone": PHONE, "opted_out": True}, format="json").json()
    api.delete(f"/clients/{made['id']}")
    again = api.post("/clients", {"phone": PHONE, "opted_out": False}, format="json").json()
    assert again["id"] != made["id"]
    assert again["opted_out"] is True
    assert opt("in", CONSENT, again["id"]).json()["opted_out"] is False
    api.delete(f"/clients/{again['id']}")
    assert api.post("/clients", {"phone": PHONE}, format="json").json()["opted_out"] is False


def test_a_number_brings_its_suppression_and_an_opt_out_goes_with_the_client(api, make_clients, make_mailing):
    [first, second, third] = make_clients(3)
    api.post(f"/clients/{first.pk}/opt-out")
    Client.objects.get(pk=first.pk).delete()
    mailing = make_mailing()
    moved = api.patch(f"/clients/{second.pk}", {"phone": str(first.phone)}, format="json").json()
    assert moved["opted_out"] is True
    statistics = api.get(f"/mailings/{mailing['id']}/statistics").json()
    assert statistics["not_sent_by_reason"] == {"opted_out": 1}
    api.post(f"/clients/{third.pk}/opt-out")
    api.patch(f"/clients/{third.pk}", {"phone": PHONE}, format="json")
    api.delete(f"/clients/{third.pk}")
    assert api.post("/clients", {"phone": PHONE}, format="json").json()["opted_out"] is True


def test_nobody_who_is_not_there_opts_and_no_viewer_writes(opt, caller, client):
    assert opt("out", pk=999).status_code == 404
    assert opt("in", CONSENT, pk=999).status_code == 404
    assert caller("viewer").post(f"/clients/{client.pk}/opt-out").status_code == 403
    assert caller().post(f"/clients/{client.pk}/opt-out").status_code == 401


def test_a_suppressed_client_is_in_no_audience_and_why_says_so(api, opt, client, make_mailing):
    opt("out")
    mailing = make_mailing()
    assert mailing["statistics"]["total"] == 0
    told = api.get(f"/clients/{client.pk}/why?mailing={mailing['id']}").json()
    assert (told["verdict"], told["reason"]) == ("not_chosen", "opted_out")
