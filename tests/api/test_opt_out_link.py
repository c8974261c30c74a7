"""The page behind a text's own link: looking changes nothing, the button opts out."""

import secrets

import pytest
from django.test import Client as Browser
from redis import Redis

from soroka.domain.opt_out_link import make_token
from soroka.models import Client, Consent, ConsentText
from soroka.models.link import link_values
from tests.api.conftest import errors

TEXT = "Скидка! Отказ: {{ opt_out_url }}"


@pytest.fixture(autouse=True)
def public_url(settings):
    settings.PUBLIC_URL = "https://sms.example"


@pytest.fixture
def client(make_clients):
    """One whose tries nobody else has counted."""
    return make_clients(1, id=10**9 + secrets.randbelow(10**9))[0]


@pytest.fixture
def path():
    return lambda client: link_values(TEXT, client.pk)["opt_out_url"].removeprefix("https://sms.example")


@pytest.fixture
def browser():
    """Somebody's, from an address of his own; as strict about forms as the service is."""
    address = ":".join(["2001:db8", *(f"{secrets.randbelow(2**16):x}" for _ in range(4)), "", "1"])
    return Browser(enforce_csrf_checks=True, headers={"accept-language": "en"}, REMOTE_ADDR=address)


def test_looking_at_it_asks_neither_the_database_nor_changes_anything(browser, client, path, django_assert_num_queries):
    with django_assert_num_queries(0):
        for look in (browser.get, browser.head, browser.options):
            assert look(path(client)).status_code == 200
    assert b"<button>Stop the messages</button>" in browser.get(f"{path(client)}/").content
    assert not Client.objects.get().opted_out and not Consent.objects.exists()


def test_the_button_opts_out_and_says_so_once_more(browser, api, client, path, make_mailing):
    mailing = make_mailing(text=TEXT)
    assert "Done" in browser.post(path(client)).content.decode()
    again = browser.post(path(client))
    assert again.status_code == 200 and "Already done" in again.content.decode()
    assert Client.objects.get().opted_out
    act = Consent.objects.get()
    assert (act.act, act.channel, act.recorded_by, act.client_id) == ("opt_out", "link", "", client.pk)
    assert ConsentText.objects.get().wording.startswith("Stop the messages?")
    statistics = api.get(f"/mailings/{mailing['id']}/statistics").json()
    assert statistics["not_sent_by_reason"] == {"opted_out": 1}


@pytest.mark.parametrize(
    ("language", "asked", "answered"),
    [("ru-RU,ru;q=0.9,en;q=0.8", "Больше не присылать сообщения?", "Готово"), ("en", "Stop the messages?", "Done")],
)
def test_it_speaks_the_language_of_the_client(browser, client, path, language, asked, answered):
    headers = {"accept-language": language}
    page = browser.get(path(client), headers=headers)
    assert f"<h1>{asked}</h1>" in page.content.decode() and f'<html lang="{language[:2]}">' in page.content.decode()
    assert f"<h1>{answered}</h1>" in browser.post(path(client), headers=headers).content.decode()


@pytest.mark.parametrize("spoil", [lambda path: path[:-1], lambda path: f"{path}A", lambda path: f"/u/{'A' * 16}"])
def test_a_wrong_link_is_a_page_that_says_so(browser, client, path, spoil):
    for ask in (browser.get, browser.post):
        answer = ask(spoil(path(client)))
        assert answer.status_code == 404 and "This link does not work" in answer.content.decode()
    assert not Client.objects.get().opted_out


def test_a_link_of_another_installation_is_none_of_ours(browser, client):
    assert browser.post(f"/u/{make_token(client.pk, bytes(32))}").status_code == 404
    assert not Client.objects.get().opted_out


def test_a_link_outlives_a_change_of_the_keys_as_long_as_the_old_one_is_known(browser, client, path, settings):
    link = path(client)
    settings.SECRET_KEY = "another key, long enough for everything that needs one"
    assert browser.get(link).status_code == 200
    settings.SUPPRESSION_KEYS = ["new", *settings.SUPPRESSION_KEYS]
    assert browser.get(link).status_code == 200
    settings.SUPPRESSION_KEYS = ["new"]
    assert browser.get(link).status_code == 404


def test_who_is_gone_is_told_so_and_no_log_has_the_link(browser, client, path, caplog):
    link = path(client)
    client.delete()
    answer = browser.post(link)
    assert link not in caplog.text
    assert answer.status_code == 410 and "not on the list" in answer.content.decode()


def test_tries_are_bounded_by_client_and_bad_tokens_by_address(browser, client, path, make_clients):
    assert [browser.post(path(client)).status_code for _ in range(11)] == [200] * 10 + [429]
    assert [browser.get("/u/AAAA").status_code for _ in range(61)] == [404] * 60 + [429]
    [other] = make_clients(1, id=client.pk + 1)
    assert browser.get(path(client)).status_code == 200
    assert "Done" in browser.post(path(other)).content.decode()


def test_it_works_while_nothing_can_be_counted(browser, client, path, monkeypatch):
    broken = Redis(host="127.0.0.1", port=1, socket_connect_timeout=1)
    monkeypatch.setattr("soroka.api.rate_bound._valkey", lambda: broken)
    assert browser.post(path(client)).status_code == 200
    assert browser.get("/u/AAAA").status_code == 404


def test_the_page_loads_nothing_and_is_kept_nowhere(browser, client, path):
    answer = browser.get(path(client))
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "style-src 'nonce-" in policy and "script-src" not in policy
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    assert "http" not in answer.content.decode()


def test_a_preview_and_the_ledger_show_each_clients_own_link_and_its_price(api, client, path, gateway, mailing_body):
    text = f"Скидка! Отказ: https://sms.example{path(client)}"
    [sample] = api.post("/mailings/preview", mailing_body | {"text": TEXT}, format="json").json()["samples"]
    assert (sample["text"], sample["segments"]["units"]) == (text, len(text))
    api.post("/mailings", mailing_body | {"text": TEXT}, format="json")
    assert api.get("/messages").json()["results"][0]["text"] == text


@pytest.mark.parametrize("path", ["/mailings", "/mailings/preview"])
def test_a_text_with_the_link_needs_to_know_where_it_leads(api, gateway, mailing_body, settings, path):
    settings.PUBLIC_URL = ""
    answer = api.post(path, mailing_body | {"text": TEXT}, format="json")
    assert (answer.status_code, errors(answer)) == (400, {("text", "needs_public_url")})
    assert (
        "preview" in path
        or api.post(path, mailing_body | {"text": "opt_out_url {{ a }}"}, format="json").status_code == 201
    )
