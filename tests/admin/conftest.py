"""Browsers of every role, and a desk with something on it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client as Browser

from soroka.audience.filter import Filter
from soroka.management.commands.prepare import make_roles
from soroka.models import Attempt, ClientImport, Gateway, ImportRow, Mailing, Message, Segment, Tag
from soroka.planning.launch import create_mailing, plan
from tests.rows import gateway, make_clients, moscow, vip


@pytest.fixture(autouse=True)
def database(db: None) -> None:
    """Every test here works on the real database, in a transaction that is rolled back."""
    make_roles()


@pytest.fixture
def enter() -> Callable[..., Browser]:
    """``enter("viewer", "en")``: the browser of one who has come in with this role."""

    def come_in(role: str, language: str = "ru") -> Browser:
        user, is_new = User.objects.get_or_create(username=role, defaults={"is_staff": True})
        if is_new:
            user.groups.add(Group.objects.get(name=role))
        browser = Browser(headers={"accept-language": language})
        browser.force_login(user)
        return browser

    return come_in


@pytest.fixture
def admin(enter: Callable[..., Browser]) -> Browser:
    return enter("admin", "en")


@pytest.fixture
def make_mailing(gateway: Gateway) -> Callable[..., Mailing]:
    """A planned mailing to everybody."""

    def make(*, starts_in: float | None = None, **fields: Any) -> Mailing:
        now = datetime.now(UTC)
        values: dict[str, Any] = {
            "name": "News",
            "text": "Good day!",
            "audience": Filter(everyone=True),
            "starts_at": None if starts_in is None else now + timedelta(seconds=starts_in),
            "ends_at": now + timedelta(hours=1),
            "local_time": False,
            "gateway": gateway,
            "user": None,
        }
        mailing = create_mailing(**(values | fields))
        assert plan(mailing.pk, seconds=60)
        return mailing

    return make


@pytest.fixture
def mailing(vip: Tag, make_clients: Callable[..., Any], make_mailing: Callable[..., Mailing]) -> Mailing:
    """A mailing to three clients, due now."""
    make_clients(3, tag_ids=[vip.pk])
    return make_mailing()


@pytest.fixture
def full_desk(mailing: Mailing, gateway: Gateway) -> None:
    """A row of everything, and more than a page of messages."""
    Attempt.objects.bulk_create(
        Attempt(message=message, gateway=gateway, outcome="deferred", detail="later")
        for message in Message.objects.all()
    )
    done = ClientImport.objects.create(filename="clients.csv", rows=2, refused=1, state="finished")
    Segment.objects.create(name="A few", filter={"and": [{"operator_codes": [916]}, {"not": {"tags": {"any": [1]}}}]})
    ImportRow.objects.create(client_import=done, line=2, error="The rendered text is empty.")


def tomorrow(hour: int) -> str:
    """A wall-clock time of tomorrow, as the browser's picker gives it."""
    return f"{datetime.now() + timedelta(days=1):%Y-%m-%d}T{hour:02}:00"  # noqa: DTZ005  a wall clock's
