"""``DELETE /clients/{id}?erase=true``."""

from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType

from soroka.models import Client, ClientImport, Message, OwnNumber
from tests.api.conftest import errors
from tests.leaks import leaks


def test_nothing_but_counts_is_left(api, gateway, make_clients, make_mailing):
    [anna, other] = make_clients(2, attributes={"name": "Пётр-Непохожий"})
    mailing = make_mailing(text="{{ name }}!")
    before = api.get(f"/mailings/{mailing['id']}/statistics").json()
    assert api.delete(f"/clients/{anna.pk}?erase=true").status_code == 204
    assert leaks(anna.phone) == []
    assert list(Client.objects.all()) == [other]
    message = api.get(f"/messages/{Message.objects.get(client_id=anna.pk).pk}").json()
    assert (message["phone"], message["text"], message["client"]) == (None, None, anna.pk)
    assert (message["status"], message["reason"]) == ("not_sent", "withdrawn")
    after = api.get(f"/mailings/{mailing['id']}/statistics").json()
    assert (after["total"], after["not_sent"], after["by_operator_code"].keys()) == (
        before["total"], 1, before["by_operator_code"].keys(),
    )  # fmt: skip
    assert api.delete(f"/clients/{anna.pk}?erase=true").status_code == 404
    assert api.get(f"/messages?client={anna.pk}").json()["results"] == [message]


def test_without_it_the_ledger_keeps_the_number(api, gateway, make_clients, make_mailing):
    [anna] = make_clients(1)
    make_mailing()
    assert api.delete(f"/clients/{anna.pk}?erase=false").status_code == 204
    assert leaks(anna.phone)
    assert api.delete(f"/clients/{anna.pk}?erase=true").status_code == 204
    assert leaks(anna.phone) == []


def test_the_log_of_the_desk_forgets_whom_it_had_deleted(api, caller, make_clients):
    [anna] = make_clients(1)
    kind = ContentType.objects.get_for_model(Client)
    user = User.objects.order_by("pk")[0]
    entry = LogEntry.objects.create(
        user=user, content_type=kind, object_id=str(anna.pk), object_repr=str(anna), action_flag=DELETION
    )
    address = f"/clients/{anna.pk}?erase=true"
    anna.delete()
    assert [api.delete(address).status_code for _ in range(2)] == [204, 404]
    entry.refresh_from_db()
    assert entry.object_repr == f"№ {entry.object_id}"


def test_whoever_had_sent_tests_to_the_number_has_it_no_more(api, caller, make_clients):
    anna, other = make_clients(2)
    user = User.objects.order_by("pk")[0]
    OwnNumber.objects.bulk_create(OwnNumber(owner=user, phone=client.phone) for client in (anna, other))
    assert api.delete(f"/clients/{anna.pk}?erase=true").status_code == 204
    assert leaks(anna.phone) == []
    assert [own.phone for own in OwnNumber.objects.all()] == [other.phone]


def test_it_waits_for_imports(api, make_clients):
    [anna] = make_clients(1)
    ClientImport.objects.create(state="queued")
    answer = api.delete(f"/clients/{anna.pk}?erase=true")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:soroka:problem:import_under_way")
    assert Client.objects.filter(pk=anna.pk).exists()


def test_what_is_neither_true_nor_false_erases_nobody(api, make_clients):
    [anna] = make_clients(1)
    answer = api.delete(f"/clients/{anna.pk}?erase=yes")
    assert (answer.status_code, errors(answer)) == (400, {("erase", "invalid")})
    assert Client.objects.filter(pk=anna.pk).exists()


def test_a_viewer_erases_nobody(caller, make_clients):
    [anna] = make_clients(1)
    assert caller("viewer").delete(f"/clients/{anna.pk}?erase=true").status_code == 403
