"""The plain admin shows everything and writes nothing behind the queue's back."""

import pytest
from django.contrib import admin
from django.test import Client as Browser

from soroka.models import Attempt, Batch, Client, ClientImport, Gateway, ImportRow, Mailing, Message, Tag, Zone

MODELS = [Attempt, Batch, Client, ClientImport, Gateway, ImportRow, Mailing, Message, Tag, Zone]


@pytest.fixture
def browser(make_user) -> Browser:
    browser = Browser()
    browser.force_login(make_user(None, is_staff=True, is_superuser=True))
    return browser


@pytest.fixture
def rows(vip, make_clients, make_mailing, gateway) -> None:
    make_clients(60, tag_ids=[vip.pk])
    make_mailing()
    Attempt.objects.bulk_create(
        Attempt(message=message, gateway=gateway, outcome="deferred", detail="later")
        for message in Message.objects.all()
    )
    done = ClientImport.objects.create(rows=60)
    ImportRow.objects.bulk_create(ImportRow(client_import=done, line=line, error="no") for line in range(60))


@pytest.mark.parametrize("model", MODELS)
def test_it_shows_every_table_and_every_row_with_few_queries(browser, rows, model, django_assert_max_num_queries):
    address = f"/admin/soroka/{model.__name__.lower()}/"
    with django_assert_max_num_queries(10):
        assert browser.get(address).status_code == 200
    with django_assert_max_num_queries(10):
        assert browser.get(f"{address}{model.objects.first().pk}/change/").status_code == 200
    assert browser.get(f"{address}?q=1").status_code == 200


@pytest.mark.parametrize("model", [Attempt, Batch, ClientImport, ImportRow, Mailing, Message, Zone])
def test_what_planning_and_the_queue_own_is_read_only(browser, rows, model):
    address = f"/admin/soroka/{model.__name__.lower()}/"
    item = f"{address}{model.objects.first().pk}"
    before = list(model.objects.values())
    assert browser.get(f"{address}add/").status_code == 403
    for refused in (f"{item}/change/", f"{item}/delete/"):
        assert browser.post(refused, {"id": 1, "text": "x"}).status_code == 403
    assert list(model.objects.values()) == before


@pytest.mark.parametrize("model", MODELS)
def test_nothing_is_deleted_here(rf, model):
    assert not admin.site.get_model_admin(model).has_delete_permission(rf.get("/"))


def test_a_number_and_an_opt_out_are_not_changed_behind_the_queues_back(browser, make_clients, moscow):
    [client] = make_clients(1)
    form = {"phone": "79990000000", "operator_code": "999", "opted_out": "on", "zone": moscow.pk, "attributes": "{}"}
    answer = browser.post(f"/admin/soroka/client/{client.pk}/change/", form | {"tag_ids": "1,2"})
    assert answer.status_code == 302
    changed = Client.objects.get()
    assert (changed.phone, changed.operator_code, changed.opted_out) == (client.phone, 916, False)
    assert changed.tag_ids == [1, 2]
