"""Who is let in, and what each role may do."""

import pytest
from rest_framework.test import APIClient

COLLECTIONS = ["/", "/tags", "/clients", "/clients/imports", "/mailings", "/messages", "/mailing-statistics"]
CHALLENGE = 'Bearer realm="api"'
PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize("address", COLLECTIONS)
def test_nothing_is_shown_without_a_login(caller, address):
    answer = caller().get(address)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == CHALLENGE
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:soroka:problem:not_authenticated"


@pytest.mark.parametrize("address", COLLECTIONS)
def test_a_browser_without_a_session_is_sent_to_the_login(caller, address):
    answer = caller().get(f"{address}?a=b", headers=PAGE)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/?next=")
    assert "a%3Db" in answer["Location"]


@pytest.mark.parametrize("address", ["/livez", "/swagger", "/docs", "/redoc", "/schema", "/admin/login/"])
def test_what_needs_no_login_is_open(caller, address):
    assert caller().get(address).status_code == 200


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
@pytest.mark.parametrize("address", COLLECTIONS)
def test_every_role_reads(caller, role, address):
    assert caller(role).get(address).status_code == 200


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("post", "/tags"),
        ("put", "/tags/1"),
        ("patch", "/tags/1"),
        ("delete", "/tags/1"),
        ("post", "/clients"),
        ("put", "/clients/1"),
        ("patch", "/clients/1"),
        ("delete", "/clients/1"),
        ("post", "/clients/imports"),
        ("post", "/mailings"),
        ("post", "/mailings/1/pause"),
        ("post", "/mailings/1/resume"),
        ("post", "/mailings/1/cancel"),
    ],
)
def test_only_operators_and_administrators_write(caller, method, address):
    refused = getattr(caller("viewer"), method)(address)
    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:soroka:problem:permission_denied"
    assert getattr(caller(), method)(address).status_code == 401
    for role in ("operator", "admin"):
        assert getattr(caller(role), method)(address).status_code in {400, 404, 415}


def test_a_user_without_a_role_may_nothing(make_user):
    api = APIClient()
    api.force_authenticate(make_user(None))
    assert api.get("/tags").status_code == 403


def test_a_superuser_is_an_administrator(make_user):
    api = APIClient()
    api.force_authenticate(make_user(None, is_superuser=True))
    assert api.post("/tags", {"name": "vip"}, format="json").status_code == 201


def test_a_token_lets_a_program_in_and_can_be_refreshed(caller, make_user):
    make_user("operator", password="a password")
    api = caller()
    tokens = api.post("/auth/token", {"username": "operator", "password": "a password"}, format="json").json()
    assert tokens.keys() == {"access", "refresh"}
    bearer = {"Authorization": f"Bearer {tokens['access']}"}
    assert api.post("/tags", {"name": "vip"}, format="json", headers=bearer).status_code == 201

    again = api.post("/auth/token/refresh", {"refresh": tokens["refresh"]}, format="json").json()
    assert api.get("/tags", headers={"Authorization": f"Bearer {again['access']}"}).status_code == 200


@pytest.mark.parametrize(
    ("address", "body", "status"),
    [
        ("/auth/token", {"username": "operator", "password": "wrong"}, 401),
        ("/auth/token", {"username": "a\x00", "password": "x"}, 400),
        ("/auth/token", {"username": "operator"}, 400),
        ("/auth/token", [], 400),
        ("/auth/token/refresh", {"refresh": "x.y.z"}, 401),
        ("/auth/token/refresh", {"refresh": None}, 400),
    ],
)
def test_a_bad_credential_is_a_problem_document(caller, address, body, status):
    answer = caller().post(address, body, format="json")
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    if status == 401:
        assert answer["WWW-Authenticate"] == CHALLENGE


@pytest.mark.parametrize("header", ["Bearer x.y.z", "Bearer", "Bearer a b", "Bearer \ud800"])
def test_a_bad_token_is_a_401_even_for_what_a_browser_would_be_redirected_from(caller, header):
    answer = caller().get("/tags", headers={"Authorization": header.encode("utf-8", "surrogatepass").decode("latin-1")})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == CHALLENGE


def test_a_browser_logs_in_by_the_admins_page_and_needs_the_csrf_token(make_user):
    make_user("operator", password="a password", is_staff=True)
    browser = APIClient(enforce_csrf_checks=True)
    token = browser.get("/admin/login/").cookies["csrftoken"].value
    form = {"username": "operator", "password": "a password", "next": "/", "csrfmiddlewaretoken": token}
    assert browser.post("/admin/login/", form)["Location"] == "/"

    page = browser.get("/tags", headers=PAGE)
    assert page.status_code == 200
    assert page["Content-Type"].startswith("text/html")
    assert browser.post("/tags", {"name": "vip"}).status_code == 403
    token = browser.cookies["csrftoken"].value
    assert browser.post("/tags", {"name": "vip", "csrfmiddlewaretoken": token}).status_code == 201
