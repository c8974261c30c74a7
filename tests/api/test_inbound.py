"""Replies that gateways hand in: signed, and only the word counts."""

import json
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from django.test import Client as Browser

from soroka.domain.signature import sign
from soroka.models import Client, Consent, ConsentText, Gateway, Suppression
from tests.api.conftest import errors

SECRET = "a secret of sixteen letters"
PHONE = 79161234567


@pytest.fixture
def gateway(gateway):
    gateway.set_inbound_secret(SECRET)
    gateway.save()
    return gateway


@pytest.fixture
def hand_in(gateway):
    """``hand_in("Стоп")``: as the gateway does; a fault is given by name."""

    def post(
        text="Стоп",
        phone=f"+{PHONE}",
        *,
        name="default",
        ago=0,
        secret=SECRET,
        body=None,
        headers=None,
        kind="application/json",
    ):
        body = json.dumps({"phone": phone, "text": text}, ensure_ascii=False).encode() if body is None else body
        now = str(int(time.time()) - ago)
        signed = {"X-Soroka-Timestamp": now, "X-Soroka-Signature": sign(secret, now, body)}
        return Browser(enforce_csrf_checks=True, raise_request_exception=False).post(
            f"/gateways/{name}/inbound", body, kind, headers=signed | (headers or {})
        )

    return post


def test_a_word_opts_the_client_out_and_the_ledger_keeps_the_word_alone(hand_in, api, make_clients, make_mailing):
    [client] = make_clients(1)
    mailing = make_mailing()
    answer = hand_in("  стоп! и передайте Ивану, что он неправ", f"+{client.phone}")
    assert (answer.status_code, answer.json()) == (200, {"word": "СТОП", "done": True})
    assert Client.objects.get().opted_out
    act = Consent.objects.get()
    assert (act.act, act.channel, act.recorded_by, act.client_id) == ("opt_out", "inbound", "", client.pk)
    assert ConsentText.objects.values_list("source", "wording").get() == ("default", "СТОП")
    statistics = api.get(f"/mailings/{mailing['id']}/statistics").json()
    assert statistics["not_sent_by_reason"] == {"opted_out": 1}


def test_a_repeat_changes_nothing(hand_in):
    assert [hand_in().json()["done"] for _ in range(3)] == [True, False, False]
    assert Consent.objects.count() == 1


def test_a_phone_that_nobody_has_is_suppressed(hand_in, api):
    assert hand_in("STOP").json() == {"word": "STOP", "done": True}
    assert Suppression.objects.count() == 1
    assert api.post("/clients", {"phone": str(PHONE)}, format="json").json()["opted_out"] is True


def test_another_text_changes_nothing_and_is_kept_nowhere(hand_in, settings):
    assert hand_in("Отписка").json() == {"word": None, "done": False}
    assert not Consent.objects.exists() and not ConsentText.objects.exists() and not Suppression.objects.exists()
    settings.OPT_OUT_WORDS = [*settings.OPT_OUT_WORDS, "ОТПИСКА"]
    assert hand_in("Отписка").json() == {"word": "ОТПИСКА", "done": True}


@pytest.mark.parametrize(
    "fault",
    [
        {"name": "nobody"}, {"name": "no%00body"}, {"name": "mute"}, {"secret": ""},
        {"secret": "another secret of some length"},
        {"name": "mute", "secret": ""}, {"ago": 302}, {"ago": -302}, {"headers": {"X-Soroka-Signature": ""}},
        {"headers": {"X-Soroka-Timestamp": str(int(time.time()) + 1)}}, {"headers": {"X-Soroka-Timestamp": "now"}},
    ],
)  # fmt: skip
def test_whatever_is_wrong_with_the_signature_the_answer_is_the_same(hand_in, fault):
    Gateway.objects.create(name="mute", url="https://gateway.example")
    answer = hand_in(**fault)
    told = answer.json()
    assert (answer.status_code, told.pop("type")) == (401, "urn:soroka:problem:bad_signature")
    del told["request_id"]
    assert told == {
        "title": "Unauthorized", "status": 401, "errors": [],
        "detail": "Такого шлюза нет, он не передаёт ответов, или этот ответ подписан не им и не только что.",
    }  # fmt: skip
    assert answer["WWW-Authenticate"] == "Signature"
    assert not Consent.objects.exists()


def test_a_secret_kept_under_another_key_is_none(hand_in, settings, caplog):
    settings.GATEWAY_KEYS = ["another key, long enough for everything that needs one"]
    assert hand_in().status_code == 401
    assert "enter it anew" in caplog.text and SECRET not in caplog.text


def test_a_reply_is_replayed_within_its_bound_alone(hand_in):
    assert hand_in(ago=290).status_code == 200
    assert hand_in(ago=310).status_code == 401


@pytest.mark.parametrize(
    ("body", "status", "fields"),
    [
        (b"{", 400, set()),
        (b"\xff", 400, set()),
        (b"[]", 400, {("", "invalid")}),
        (b"{}", 400, {("phone", "required"), ("text", "required")}),
        (b'{"phone": "Bank", "text": ""}', 400, {("phone", "invalid_phone")}),
        (b'{"phone": "+79161234567", "text": 1}', 400, {("text", "invalid")}),
        (b" " * 65_537, 413, set()),
    ],
)
def test_bad_bodies_are_told_by_field(hand_in, body, status, fields):
    answer = hand_in(body=body)
    assert (answer.status_code, errors(answer)) == (status, fields)


def test_only_json_is_taken_and_only_by_post(hand_in, gateway):
    assert Browser().get("/gateways/default/inbound").status_code == 405
    assert hand_in(kind="text/plain").status_code == 415


def test_the_api_tells_whether_there_is_a_secret_and_never_which(api, gateway):
    Gateway.objects.create(name="mute")
    answer = api.get("/gateways?ordering=name")
    assert [row["takes_replies"] for row in answer.json()["results"]] == [True, False]
    assert "inbound_secret" not in answer.content.decode() and SECRET not in answer.content.decode()


@pytest.mark.skipif(not all(map(shutil.which, ("bash", "curl", "openssl"))), reason="needs curl and openssl")
def test_the_command_of_the_document_runs(live_server, gateway):
    text = (Path(__file__).parents[2] / "docs" / "operations" / "running.md").read_text()
    [command] = [block for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) if "/inbound" in block]
    command = command.replace("http://localhost:8000", live_server.url).replace("the-secret-of-replies", f"'{SECRET}'")
    answer = subprocess.run(["bash", "-c", command], capture_output=True, check=True, timeout=30).stdout
    assert json.loads(answer) == {"word": "СТОП", "done": True}
