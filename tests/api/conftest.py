"""Callers of every role, and the rows that the API stands on."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from rest_framework.test import APIClient

from soroka.models import Gateway
from tests.rows import gateway, make_clients, moscow, vip


@pytest.fixture(autouse=True)
def database(db: None) -> None:
    """Every test here works on the real database, in a transaction that is rolled back."""


@pytest.fixture
def make_user() -> Callable[..., User]:
    def make(role: str | None, **fields: Any) -> User:
        user = User.objects.create_user(role or "nobody", **fields)
        if role:
            user.groups.add(Group.objects.get_or_create(name=role)[0])
        return user

    return make


@pytest.fixture
def caller(make_user: Callable[..., User]) -> Callable[..., APIClient]:
    """``caller("viewer")``: a program with this role that reads English; ``caller()``: one without a login."""

    def make(role: str | None = None) -> APIClient:
        api = APIClient(raise_request_exception=False, headers={"Accept-Language": "en"})
        if role:
            api.force_authenticate(make_user(role))
        return api

    return make


@pytest.fixture
def api(caller: Callable[..., APIClient]) -> APIClient:
    """An operator's program."""
    return caller("operator")


@pytest.fixture
def mailing_body() -> dict[str, Any]:
    """The least that a mailing needs: now, for everybody, for an hour."""
    return {
        "text": "Добрый день!",
        "filter": {"everyone": True},
        "ends_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
    }


@pytest.fixture
def make_mailing(api: APIClient, gateway: Gateway, mailing_body: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """A mailing as the API answers its POST."""

    def make(**fields: Any) -> dict[str, Any]:
        answer = api.post("/mailings", mailing_body | fields, format="json")
        assert answer.status_code == 201, answer.content
        return answer.json()

    return make


def errors(answer: Any) -> set[tuple[str, str]]:
    """(field, code) of every error in a problem document."""
    assert answer["Content-Type"] == "application/problem+json", answer.content
    return {(error["field"], error["code"]) for error in answer.json()["errors"]}
