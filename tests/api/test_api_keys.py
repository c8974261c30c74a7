"""Programs that come in with an API key, and the command that makes one."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from soroka.models import ApiKey


@pytest.fixture
def make_key(capsys):
    """``make_key("shop", "operator")``: the key as the command shows it."""

    def make(name: str, role: str, *more: str) -> str:
        call_command("create_api_key", name, f"--role={role}", *more)
        return capsys.readouterr().out.strip()

    return make


def with_key(key: str, scheme: str = "Api-Key") -> APIClient:
    api = APIClient(raise_request_exception=False)
    api.credentials(HTTP_AUTHORIZATION=f"{scheme} {key}")
    return api


def test_a_key_lets_a_program_in_with_its_role(make_key):
    statuses = {
        role: with_key(make_key(role, role)).post("/tags", {"name": role}, format="json").status_code
        for role in ("viewer", "operator", "admin")
    }
    assert statuses == {"viewer": 403, "operator": 201, "admin": 201}


def test_a_key_is_kept_as_a_hash_and_its_user_has_no_password(make_key):
    key = make_key("shop", "operator")
    assert key.startswith("soroka_")
    assert len(key) > 40
    kept = ApiKey.objects.get()
    assert key not in str(ApiKey.objects.values().get())
    assert not kept.user.has_usable_password()
    assert list(kept.user.groups.values_list("name", flat=True)) == ["operator"]
    assert kept.expires_at is None


def test_two_keys_are_two_callers(make_key, gateway, mailing_body):
    ids = set()
    for name in ("shop", "bank"):
        api = with_key(make_key(name, "operator"))
        answer = api.post("/mailings", mailing_body, format="json", headers={"Idempotency-Key": "1"})
        ids.add(answer.json()["id"])
    assert len(ids) == 2


@pytest.mark.parametrize("scheme", ["Api-Key", "api-key", "API-KEY"])
def test_the_name_of_the_scheme_may_have_any_case(make_key, scheme):
    assert with_key(make_key("shop", "viewer"), scheme).get("/tags").status_code == 200


@pytest.mark.parametrize("key", ["", "soroka_wrong", "x" * 5000, "\xff"])
def test_an_unknown_key_is_a_401(key):
    answer = with_key(key).get("/tags")
    assert answer.status_code == 401
    assert answer.json()["type"] == "urn:soroka:problem:bad_api_key"
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_key_holds_until_it_expires(make_key):
    api = with_key(make_key("shop", "viewer", "--days=2"))
    left = ApiKey.objects.get().expires_at - datetime.now(UTC)
    assert timedelta(days=1.99) < left <= timedelta(days=2)
    assert api.get("/tags").status_code == 200
    ApiKey.objects.update(expires_at=datetime.now(UTC))
    answer = api.get("/tags")
    assert answer.status_code == 401
    assert "expired" in answer.json()["detail"]


def test_a_key_whose_user_is_switched_off_lets_nobody_in(make_key):
    api = with_key(make_key("shop", "viewer"))
    User.objects.update(is_active=False)
    assert api.get("/tags").status_code == 401


def test_its_last_use_is_written_at_most_once_a_minute(make_key):
    api = with_key(make_key("shop", "viewer"))
    seen = []
    for age in (None, timedelta(seconds=50), timedelta(seconds=70)):
        if age:
            ApiKey.objects.update(last_used_at=datetime.now(UTC) - age)
        before = ApiKey.objects.get().last_used_at
        api.get("/tags")
        seen.append(ApiKey.objects.get().last_used_at != before)
    assert seen == [True, False, True]


@pytest.mark.parametrize(
    "arguments",
    [
        ["shop"],
        ["shop", "--role=owner"],
        ["", "--role=viewer"],
        ["x" * 65, "--role=viewer"],
        ["shop", "--role=viewer", "--days=0"],
        ["shop", "--role=viewer", "--days=9999999999"],
        ["taken", "--role=viewer"],
    ],
)
def test_the_command_refuses_what_makes_no_sense(make_key, arguments):
    make_key("taken", "viewer")
    with pytest.raises(CommandError):
        call_command("create_api_key", *arguments)
    assert ApiKey.objects.count() == User.objects.count() == 1
