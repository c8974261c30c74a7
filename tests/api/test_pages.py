"""Pages for people: the browsable API, the readers of the schema, and the two slashes."""

import html
import json
import re
from datetime import UTC, datetime

import pytest
import redis
import yaml
from django.contrib.staticfiles import finders

from soroka.models import ClientImport, Gateway
from soroka.statistics.health import beat_pulse

PAGE = {"Accept": "text/html,*/*;q=0.8"}
#: What a browser fetches by itself: sources, styles and pictures, and addresses in styles. A link waits for a click.
FETCHED = re.compile(r"""(?:src|<link[^>]*href)\s*=\s*["']?([^"'\s>]+)|url\(["']?([^"')]+)|@import\s+["']([^"']+)""")


def fetched(page: str) -> list[str]:
    return [next(filter(None, found)) for found in FETCHED.findall(page)]


def test_the_root_links_every_collection(api):
    links = api.get("/").json()
    assert {"tags", "clients", "mailings", "messages", "mailing_statistics"} <= links.keys()
    for link in links.values():
        assert api.get(link).status_code == 200
        assert link in api.get("/", headers=PAGE).content.decode()


@pytest.mark.parametrize(
    "path",
    ["/tags", "/clients", "/clients/imports", "/mailings", "/messages", "/mailing-statistics", "/livez", "/swagger"],
)
def test_every_path_answers_with_and_without_a_slash(api, path):
    assert api.get(path).status_code == api.get(f"{path}/").status_code == 200


def test_items_and_verbs_answer_with_and_without_a_slash(api, vip, make_clients, make_mailing):
    make_clients(1)
    mailing = f"/mailings/{make_mailing()['id']}"
    for path in (f"/tags/{vip.pk}", mailing, f"{mailing}/statistics", f"{mailing}/messages"):
        assert api.get(path).status_code == api.get(f"{path}/").status_code == 200
    for slash in ("", "/"):
        assert api.post(f"{mailing}/pause{slash}").status_code == 200
        assert api.post(f"/tags{slash}", {"name": f"name{slash}"}, format="json").status_code == 201


def test_two_slashes_are_not_the_same_address(api):
    assert api.get("/tags//").status_code == 404


@pytest.mark.parametrize("path", ["/admin", "/admin/login", "/admin/login/"])
def test_the_admin_answers_with_and_without_a_slash(caller, path):
    assert caller().get(path).status_code in {200, 302}


@pytest.mark.parametrize(
    "path", ["/", "/tags", "/clients", "/clients/imports", "/mailings", "/messages", "/mailing-statistics"]
)
def test_a_page_of_the_browsable_api_asks_nobody_else(api, path, make_clients, make_mailing):
    make_clients(1)
    make_mailing()
    page = api.get(path, headers=PAGE)
    assert page.status_code == 200
    assert {address[0] for address in fetched(page.content.decode())} <= {"/"}


@pytest.mark.parametrize("path", ["/swagger", "/docs", "/redoc"])
def test_the_readers_of_the_schema_ask_nobody_else(caller, path):
    page = caller().get(path, headers=PAGE)
    addresses = fetched(page.content.decode())
    assert addresses
    assert not re.search(r"https?://|//[a-z]", page.content.decode())
    for address in addresses:
        assert finders.find(address.removeprefix("/static/")), address
    policy = page["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "img-src 'self' data:" in policy
    assert "script-src 'self' 'nonce-" in policy
    assert "http" not in policy


def test_every_error_in_the_schema_is_a_problem_document(caller):
    schema = yaml.safe_load(caller().get("/schema").content)
    for operations in schema["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    assert response["content"].keys() == {"application/problem+json"}


def test_readiness_names_what_is_missing(caller, gateway, settings):
    redis.Redis.from_url(settings.REDIS_URL).flushdb()  # a worker of another test may have been alive
    answer = caller().get("/readyz")
    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("worker", "not_ready")]

    beat_pulse()
    assert caller().get("/readyz").json() == {"status": "ready", "gateways": {"default": "working"}}


def test_a_gateway_in_trouble_is_told_and_does_not_make_the_service_unready(caller, gateway):
    beat_pulse()
    Gateway.objects.create(name="backup", trouble=2)
    Gateway.objects.filter(pk=gateway.pk).update(trouble=1, stopped_at=datetime.now(UTC))
    answer = caller().get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "gateways": {"backup": "failing", "default": "stopped"}}


def test_every_page_of_an_item_can_be_opened_and_described(api, vip, make_clients, make_mailing):
    [client] = make_clients(1, tag_ids=[vip.pk])
    mailing = f"/mailings/{make_mailing()['id']}"
    [message] = api.get("/messages").json()["results"]
    handed_in = ClientImport.objects.create()
    items = [
        f"/tags/{vip.pk}",
        f"/clients/{client.pk}",
        f"/clients/imports/{handed_in.pk}",
        f"/messages/{message['id']}",
    ]
    client_page = f"/clients/{client.pk}"
    for path in [
        *items,
        client_page,
        f"{client_page}/messages",
        mailing,
        f"{mailing}/statistics",
        f"{mailing}/messages",
    ]:
        assert api.get(path, headers=PAGE).status_code == 200
        assert api.options(path).status_code == 200


def test_the_form_of_a_new_mailing_shows_its_defaults(api):
    page = html.unescape(api.get("/mailings", headers=PAGE).content.decode())
    form = json.loads(page.split("<textarea")[1].split(">", 1)[1].split("</textarea>")[0])
    assert form == {
        "name": "",
        "text": "",
        "filter": {"tags": [], "operator_codes": [], "match": "any", "everyone": False},
        "segment": None,
        "starts_at": None,
        "ends_at": None,
        "local_time": None,
        "window": None,
        "widen_window": False,
        "gateway": "default",
        "fallbacks": [],
        "cap": None,
        "lift_cap": False,
    }
