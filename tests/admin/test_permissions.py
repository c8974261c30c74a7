"""docs/reference/permissions.md, cell by cell: every address and method, as every role, and as nobody.

The addresses are taken from the resolver: a new one without a row fails. To write a row, see what the test says.
"""

import re
from collections.abc import Iterator
from copy import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework_simplejwt.tokens import AccessToken

from soroka.access.keys import make_key
from soroka.domain.role import Role
from soroka.models import ApiKey, Change, Client, ClientImport, Consent, Gateway, Mailing, Message, Segment, Tag
from soroka.models.link import link_values

DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "permissions.md"
ROW = re.compile(r"^\| `(/[^`]*)` \| (GET|POST|PUT|PATCH|DELETE) \| (.+) \|$", re.MULTILINE)
WHO = ["nobody", "viewer", "operator", "admin"]
YES, NO, LOGIN = "yes", "no", "login"
JSON = {"accept": "application/json"}
#: Whose row is meant by the number in an address, by the beginning of the address.
ROWS: dict[str, Any] = {
    "/clients/imports/": ClientImport, "/clients/": Client, "/tags/": Tag, "/segments/": Segment, "/gateways/": Gateway,
    "/mailings/": Mailing, "/messages/": Message, "/admin/auth/group/": Group, "/admin/auth/user/": User,
    "/admin/soroka/apikey/": ApiKey, "/admin/soroka/change/": Change, "/admin/soroka/clientimport/": ClientImport,
    "/admin/soroka/client/": Client, "/admin/soroka/consent/": Consent, "/admin/soroka/gateway/": Gateway,
    "/admin/soroka/mailing/": Mailing, "/admin/soroka/message/": Message, "/admin/soroka/segment/": Segment,
    "/admin/soroka/tag/": Tag,
}  # fmt: skip
#: What an address has to be asked about: ``?mailing=``.
QUERIES: dict[str, Any] = {"/clients/<client_id>/why": Mailing, "/segments/<pk>/why": Mailing}
#: The way to a page of a row outside of the desk, which none has.
NOWHERE = re.compile("^/admin/r/")
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


def addresses(patterns: Any = None, before: str = "/") -> Iterator[tuple[str, str]]:
    """Every address and method that the resolver knows, as the document writes them."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, path)
        elif "app_label" in path:
            yield from [("/admin/soroka/", "GET"), ("/admin/auth/", "GET")]
        elif pattern.name or "admin" not in path:  # others lead on to the page of a row, or nowhere
            yield from ((PARAMETER.sub(r"<\1>", path), method) for method in methods(pattern))


def methods(pattern: URLPattern) -> list[str]:
    """What an address takes; of a function it cannot be known."""
    view: Any = pattern.callback
    every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    if known := getattr(view, "actions", None):
        return [method for method in every if method.lower() in known]  # a call before this one may have added HEAD
    kind = getattr(view, "cls", None) or getattr(view, "view_class", None)
    return [method for method in every if hasattr(kind, method.lower())] if kind else ["GET", "POST"]


def told() -> dict[tuple[str, str], list[str]]:
    """The cells of the document."""
    return {
        (address, method): [cell.strip() for cell in cells.split("|")]
        for address, method, cells in ROW.findall(DOCUMENT.read_text())
    }


@pytest.fixture
def filled(full_desk, settings):
    """Something of everything that an address may name."""
    settings.READ_METRICS_TOKEN = lambda: "of a Prometheus"
    settings.PUBLIC_URL = "https://sms.example"
    User.objects.create_user("vera", is_staff=True)  # before that of the key, which the desk does not show
    make_key("shop", Role.VIEWER)
    Change.objects.create(actor_kind="command", channel="command", action="created", kind="tag")
    assert all(model.objects.exists() for model in (*ROWS.values(), Consent))


def filled_in(address: str) -> str:
    """The address of what there is."""
    model = next((model for beginning, model in ROWS.items() if address.startswith(beginning)), None)
    number = str(model.objects.values_list("pk", flat=True).first()) if model else "1"
    link = link_values("{{ opt_out_url }}", Client.objects.earliest("pk").pk)["opt_out_url"]
    known = {"kind": "csv", "name": "default", "token": link.rpartition("/")[2], "draft_id": "1"}
    query = f"?mailing={QUERIES[address].objects.earliest('pk').pk}" if address in QUERIES else ""
    return PARAMETER.sub(lambda found: known.get(found[1], number), address) + query


def what(answer: Any) -> str:
    """What an answer says of the right to ask. What is only read has to be there; what is sent need not be well."""
    if answer.status_code == 401 or (answer.status_code == 302 and answer["Location"].startswith("/admin/login/")):
        return LOGIN
    if answer.streaming:
        list(answer.streaming_content)  # it holds a place among those who are sent a file
    if answer.status_code >= 500 and b":not_ready" not in answer.content:
        return str(answer.status_code)
    request = answer.wsgi_request
    if request.path == "/admin/auth/" and answer.status_code == 404:  # where nobody may see anything is no page
        return NO
    if request.method == "GET" and answer.status_code in {400, 404, 409, 410, 429} and not NOWHERE.match(request.path):
        return str(answer.status_code)
    return {403: NO, 405: "—"}.get(answer.status_code, YES)


def asked(browser: Browser, address: str, method: str, **headers: str) -> str:
    """What it is answered; nothing of it stays."""
    browser.raise_request_exception = False
    accept = {} if address.startswith("/admin") else JSON
    cookies = copy(browser.cookies)
    with transaction.atomic():
        found = what(browser.generic(method, filled_in(address), headers={**accept, **headers}))
        transaction.set_rollback(True)
    browser.cookies = cookies
    return found


def test_every_address_has_a_row_and_every_row_an_address():
    assert sorted(told()) == sorted(set(addresses()))


@pytest.mark.parametrize("who", WHO)
def test_every_cell_holds(enter, filled, who):
    column = WHO.index(who)
    browser = Browser() if who == "nobody" else enter(who)
    found = {row: asked(browser, *row) for row in told()}
    wrong = {row: (cells[column], found[row]) for row, cells in told().items() if cells[column] != found[row]}
    assert not wrong, "told and found differ"


def bad_credentials() -> dict[str, str]:
    """What lets nobody in: what is over, what was taken back, what is somebody's own make."""
    secrets = {name: make_key(name, Role.ADMIN)[1] for name in ("expired", "deleted", "switched off")}
    now = datetime.now(UTC)
    ApiKey.objects.filter(name="expired").update(expires_at=now)
    ApiKey.objects.get(name="deleted").user.delete()
    User.objects.filter(api_key__name="switched off").update(is_active=False)
    user = User.objects.get(username="admin")
    token, over = AccessToken.for_user(user), AccessToken.for_user(user)
    over.set_exp(from_time=now - timedelta(days=1))
    claims = dict(token.payload)
    return {
        **{f"{name} key": f"Api-Key {secret}" for name, secret in secrets.items()},
        "no key": "Api-Key soroka_nobody",
        "expired token": f"Bearer {over}",
        "token of another service": f"Bearer {jwt.encode(claims, 'x' * 40, 'HS256')}",
        "token without a signature": f"Bearer {jwt.encode(claims, None, 'none')}",
        "changed token": f"Bearer {str(token)[:-4]}AAAA",
        "refresh token": f"Bearer {jwt.encode(claims | {'token_type': 'refresh'}, settings.SECRET_KEY, 'HS256')}",
        "a password": "Basic YWRtaW46YWRtaW4=",
    }


def test_no_bad_credential_opens_anything(enter, filled):
    enter("admin")
    credentials = bad_credentials()
    closed = [row for row, cells in told().items() if cells[0] == LOGIN and not row[0].startswith("/admin")]
    assert len(closed) > 50
    browser = Browser()
    opened = [
        (row, kind)
        for row in closed
        for kind, credential in credentials.items()
        if asked(browser, *row, authorization=credential) != LOGIN
    ]
    assert opened == []


@pytest.mark.parametrize("kind", ["key", "token"])
@pytest.mark.parametrize("role", Role)
def test_a_key_and_a_token_may_what_their_role_may(enter, filled, role, kind):
    enter(role)
    token = AccessToken.for_user(User.objects.get(username=role))
    credential = f"Api-Key {make_key('program', role)[1]}" if kind == "key" else f"Bearer {token}"
    rows = {row: cells for row, cells in told().items() if cells[0] == LOGIN and not row[0].startswith("/admin")}
    browser = Browser()
    found = {row: asked(browser, *row, authorization=credential) for row in rows}
    column = WHO.index(role)
    assert {row: cell for row, cell in found.items() if cell != rows[row][column]} == {}
