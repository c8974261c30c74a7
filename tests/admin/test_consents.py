import pytest

from soroka.models import Client, Consent, ConsentText, Message
from tests.admin.pages import seen

LIST = "/admin/soroka/client/"
CONSENT = {"source": "A call", "wording": "Yes, write to me."}


@pytest.fixture
def client(make_clients):
    return make_clients(1)[0]


@pytest.fixture
def desk(enter):
    return enter("operator", "en")


def test_it_opts_out_and_in_and_shows_what_is_on_record(desk, client):
    page = f"{LIST}{client.pk}/consent"
    assert "Nothing is on record of this number." in seen(desk.get(page))
    desk.post(page, {"opt_out": "1", "source": "A letter"})
    assert Client.objects.get().opted_out
    assert "source" in desk.post(page, {"opt_in": "1", "wording": "Yes."}).context["form"].errors
    desk.post(page, CONSENT | {"opt_in": "1"})
    assert not Client.objects.get().opted_out
    texts = seen(desk.get(page))
    assert {"Opt-in", "Opt-out", "Admin, operator: A letter", "Admin, operator: A call", "Yes, write to me."} <= set(
        texts
    )


def test_an_opt_out_is_one_also_where_the_client_was_quicker(desk, client):
    page = f"{LIST}{client.pk}/consent"
    for _ in range(2):  # the second form was opened before the first was sent
        desk.post(page, CONSENT | {"opt_out": "1"})
        assert Client.objects.get().opted_out
    assert Consent.objects.get().act == "opt_out"


def test_a_viewer_sees_it_and_changes_nothing(enter, client):
    viewer = enter("viewer", "en")
    page = f"{LIST}{client.pk}/consent"
    assert "Record a consent" not in seen(viewer.get(page))
    assert viewer.post(page, {"opt_out": "1"}).status_code == 403
    viewer.post(LIST, {"action": "opt_out_marked", "_selected_action": [client.pk], "confirmed": "1"})
    assert not Consent.objects.exists()


def test_it_opts_out_whom_one_marks_once_that_is_confirmed(desk, mailing):
    first, second, _ = Client.objects.order_by("pk").values_list("pk", flat=True)
    marked = {"action": "opt_out_marked", "_selected_action": [first, second]}
    assert "Opt these clients out?" in seen(desk.post(LIST, marked))
    assert not Consent.objects.exists()
    told = seen(desk.post(LIST, marked | {"confirmed": "1"}, follow=True))
    assert "Opted out just now: 2." in told
    assert Message.objects.filter(reason=5).count() == 2
    assert "Delete selected clients" not in seen(desk.get(LIST))


def test_it_opts_out_no_more_than_a_thousand_at_once(desk, make_clients):
    make_clients(1_001)
    everybody = {"action": "opt_out_marked", "select_across": "1", "confirmed": "1"}
    first = Client.objects.first().pk
    told = seen(desk.post(LIST, everybody | {"_selected_action": [first]}, follow=True))
    assert "At most 1000 clients at once." in told
    assert not Client.objects.filter(opted_out=True).exists()


def test_the_ledger_is_searched_by_a_phone_that_it_does_not_hold(desk, make_clients):
    first, second = make_clients(2)
    for client, wording in ((first, "The first."), (second, "The second.")):
        desk.post(f"{LIST}{client.pk}/consent", {"opt_in": "1", "source": "A call", "wording": wording})
    found = seen(desk.get(f"/admin/soroka/consent/?q=%2B{second.phone}"))
    assert "The second." in found and "The first." not in found
    assert "The first." not in seen(desk.get("/admin/soroka/consent/?q=nobody"))
    ConsentText.objects.all().delete()
    assert desk.get("/admin/soroka/consent/").status_code == 200
