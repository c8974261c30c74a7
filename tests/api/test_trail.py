"""Every write leaves its entry in the trail, with who did it and what differs."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import Error, connection, transaction

from soroka.access.keys import make_key
from soroka.domain.role import Role
from soroka.imports.run import run
from soroka.models import Change, Client
from soroka.models.trail import forget_client


def last():
    return Change.objects.order_by("-id").first()


def test_a_client_is_made_changed_opted_out_and_deleted(api):
    made = api.post("/clients", {"phone": "79161234567"}, format="json").json()
    assert (last().action, last().kind, last().object_id) == ("created", "client", made["id"])
    assert (last().actor, last().actor_kind, last().channel, last().address) == (
        "operator", "user", "api", "127.0.0.1",
    )  # fmt: skip
    assert last().request_id
    address = f"/clients/{made['id']}"
    api.patch(address, {"attributes": {"name": "Anna"}}, format="json")
    assert (last().before, last().after) == ({"attributes": {}}, {"attributes": {"name": "Anna"}})
    api.post(f"{address}/opt-out", {}, format="json")
    assert last().action == "opted_out"
    api.delete(address)
    assert last().action == "deleted" and last().before["phone"] == 79161234567


def test_what_changes_nothing_leaves_no_entry(api):
    tag = api.post("/tags", {"name": "vip"}, format="json").json()
    api.patch(f"/tags/{tag['id']}", {"name": "vip"}, format="json")
    assert [change.action for change in Change.objects.all()] == ["created"]


@pytest.mark.parametrize(
    "statement", ["UPDATE soroka_change SET actor = 'x'", "DELETE FROM soroka_change", "TRUNCATE soroka_change"]
)
def test_the_database_lets_nobody_change_it(api, statement):
    api.post("/clients", {"phone": "79161234567"}, format="json")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE soroka_change ENABLE TRIGGER keep_all")
        with pytest.raises(Error, match="never changed"), transaction.atomic():
            cursor.execute(statement)


def test_a_key_acts_by_its_name_and_not_as_its_user(caller):
    made, secret = make_key("shop", Role.OPERATOR)
    caller().post("/tags", {"name": "vip"}, format="json", headers={"Authorization": f"Api-Key {secret}"})
    assert (last().kind, last().action, last().actor_kind, last().actor) == ("tag", "created", "key", "shop")
    assert made.user.username != "shop"


def test_who_gets_tokens_for_his_password_has_logged_in(caller, make_user):
    anna = make_user("operator", password="a password")
    caller().post("/auth/token", {"username": "operator", "password": "wrong"}, format="json")
    assert not Change.objects.exists()
    caller().post("/auth/token", {"username": "operator", "password": "a password"}, format="json")
    entry = Change.objects.get()
    assert (entry.action, entry.kind, entry.object_id) == ("logged_in", "user", anna.pk)
    assert (entry.actor, entry.actor_kind, entry.channel, entry.address) == ("operator", "user", "api", "127.0.0.1")


def test_an_import_leaves_two_entries_whatever_its_size_and_its_number_on_whom_it_made(api):
    known = api.post("/clients", {"phone": "79160000001"}, format="json").json()
    rows = "".join(f"{79160000000 + number},{number}\n" for number in range(50))
    queued = api.post("/clients/imports", {"file": SimpleUploadedFile("a.csv", f"phone,age\n{rows}".encode())}).json()
    run(queued["id"])
    of_import = Change.objects.filter(kind="clientimport", object_id=queued["id"])
    assert list(of_import.order_by("id").values_list("action", flat=True)) == ["created", "imported"]
    assert Change.objects.filter(kind="client").count() == 1  # the one that was made by hand
    assert Client.objects.filter(made_by_import=queued["id"]).count() == 49
    assert Client.objects.get(pk=known["id"]).made_by_import is None


def test_erasure_empties_what_it_says_of_a_client(api):
    made = api.post("/clients", {"phone": "79161234567"}, format="json").json()
    assert forget_client(made["id"]) == 1
    assert (last().action, last().before, last().after) == ("created", {}, {})
    assert forget_client(made["id"]) == 0
