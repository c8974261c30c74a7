"""Browsers of every role, and a desk with something on it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client as Browser

from soroka.audience.filter import Filter
from soroka.consent.ledger import Origin
from soroka.consent.opting import opt_in, opt_out
from soroka.dispatch.trial import Trial
from soroka.management.commands.prepare import make_roles
from soroka.models import Attempt, Client, ClientImport, Gateway, ImportRow, Mailing, Message, Segment, Tag
from soroka.models.consent import Channel
from soroka.planning.launch import create_mailing, plan
from tests.broker import alive, broker
from tests.rows import gateway, make_clients, make_mailing, moscow, vip


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


PASSWORD = "tailfeather-7"


@pytest.fixture
def admin_by_password(admin: Browser) -> Browser:
    """The administrator's browser; his password is ``PASSWORD``."""
    user = User.objects.get(username="admin")
    user.set_password(PASSWORD)
    user.save()
    admin.force_login(user)
    return admin


@pytest.fixture
def mailing(vip: Tag, make_clients: Callable[..., Any], make_mailing: Callable[..., Mailing]) -> Mailing:
    """A mailing to three clients, due now."""
    make_clients(3, tag_ids=[vip.pk])
    return make_mailing()


@pytest.fixture
def sent(monkeypatch):
    """What is asked of the gateway, which answers as ``sent.answer`` says."""

    class Sent(list):
        answer = Trial("accepted", "", 0.25, 12_001)

        def __call__(self, gateway, phone, text):
            self.append((gateway.name, phone, text))
            return self.answer

    calls = Sent()
    monkeypatch.setattr("soroka.api.trials.send_trial", calls)
    monkeypatch.setattr("soroka.api.trials.within_bound", lambda who, most: True)
    return calls


@pytest.fixture
def full_desk(mailing: Mailing, gateway: Gateway) -> None:
    """A row of everything, and more than a page of messages."""
    Attempt.objects.bulk_create(
        Attempt(message=message, gateway=gateway, outcome="deferred", detail="later")
        for message in Message.objects.all()
    )
    [first, *_] = Client.objects.all()
    opt_in(first.pk, Origin(Channel.ADMIN, "anna", "A call", "By all means."))
    opt_out(first.pk, Origin(Channel.LINK))
    done = ClientImport.objects.create(filename="clients.csv", rows=2, refused=1, state="finished")
    Segment.objects.create(name="A few", filter={"and": [{"operator_codes": [916]}, {"not": {"tags": {"any": [1]}}}]})
    ImportRow.objects.create(client_import=done, line=2, error="The rendered text is empty.")


def tomorrow(hour: int) -> str:
    """A wall-clock time of tomorrow, as the browser's picker gives it."""
    return f"{datetime.now() + timedelta(days=1):%Y-%m-%d}T{hour:02}:00"  # noqa: DTZ005  a wall clock's


def start_mailing(desk: Browser, form: dict[str, Any], **answers: Any) -> Any:
    """Fill in the form of a new mailing and answer its question with yes."""
    address = "/admin/soroka/mailing/add/"
    asked = desk.post(address, form)
    if "key" not in asked.context:  # something is wrong with it
        return asked
    shown = {"key": asked.context["key"], "shown": asked.context["count"].number, "_start": ""}
    return desk.post(address, form | shown | answers)
