"""A tag that is removed while somebody is about to name it."""

from collections.abc import Callable

import pytest
from django.db import transaction

from soroka.api import mailing_writes, tags
from soroka.api.problems import Conflict
from soroka.models import Client, Mailing, Tag
from tests.api.conftest import errors
from tests.integration.conftest import other_connection, wait_until_blocked

pytestmark = pytest.mark.django_db(transaction=True)


def let_it_wait() -> None:
    """Return once another connection waits. Seen from a third one: a transaction sees others as they were once."""
    with other_connection() as watcher:
        watcher(wait_until_blocked).result(15)


@pytest.fixture
def create_mailing_of(vip, gateway, api, mailing_body) -> Callable:
    return lambda: api.post("/mailings", mailing_body | {"filter": {"tags": ["vip"]}}, format="json")


def test_a_mailing_that_came_first_keeps_its_tag(vip, make_clients, create_mailing_of, monkeypatch):
    make_clients(1, tag_ids=[vip.pk])
    make = mailing_writes.create_mailing
    with other_connection() as other:
        removal = None

        def make_while_the_tag_is_being_removed(**asked):
            nonlocal removal
            removal = other(tags.remove, vip)
            let_it_wait()
            return make(**asked)

        monkeypatch.setattr(mailing_writes, "create_mailing", make_while_the_tag_is_being_removed)
        assert create_mailing_of().status_code == 201
        with pytest.raises(Conflict):
            removal.result(10)
    assert Tag.objects.exists()


def test_a_tag_that_was_removed_first_is_unknown_to_the_mailing(vip, create_mailing_of):
    with other_connection() as other:
        with transaction.atomic():
            tags.remove(vip)
            created = other(create_mailing_of)
            let_it_wait()
        answer = created.result(10)
    assert answer.status_code == 400
    assert errors(answer) == {("filter", "unknown_tag")}
    assert not Mailing.objects.exists()


@pytest.mark.parametrize("method", ["post", "patch"])
def test_a_tag_that_was_removed_first_is_unknown_to_the_client(vip, api, make_clients, method):
    [client] = make_clients(1)
    address, body = ("/clients", {"phone": "79990000000"}) if method == "post" else (f"/clients/{client.pk}", {})
    with other_connection() as other:
        with transaction.atomic():
            tags.remove(vip)
            written = other(getattr(api, method), address, body | {"tags": ["vip"]}, format="json")
            let_it_wait()
        answer = written.result(10)
    assert answer.status_code == 400
    assert errors(answer) == {("tags", "unknown_tag")}
    assert list(Client.objects.values_list("tag_ids", flat=True)) == [[]]
