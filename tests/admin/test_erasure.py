"""A client is erased from the desk, and the desk's own log forgets his number."""

from soroka.models import Change, Client, ClientImport, Message
from tests.admin.pages import seen
from tests.leaks import leaks


def erase_page(client):
    return f"/admin/soroka/client/{client.pk}/erase"


def test_it_is_asked_for_twice_and_done(enter, gateway, make_clients):
    [anna] = make_clients(1)
    desk = enter("operator", "en")
    desk.post(f"/admin/soroka/client/{anna.pk}/change/", {"phone": f"+{anna.phone}", "timezone": "Europe/Samara"})
    assert Change.objects.get().actor == "operator"
    asked = " ".join(seen(desk.get(erase_page(anna))))
    assert f"+{anna.phone}" in asked and "Erase this client for good?" in asked
    assert Client.objects.filter(pk=anna.pk).exists()
    done = desk.post(erase_page(anna), follow=True)
    assert "The client is erased." in " ".join(seen(done))
    assert not Client.objects.exists()
    assert [(c.action, c.object_id, c.before, c.after) for c in Change.objects.all()] == [
        ("erased", anna.pk, {}, {}), ("changed", anna.pk, {}, {}),
    ]  # fmt: skip
    assert leaks(anna.phone) == []


def test_an_import_under_way_is_waited_for(enter, make_clients):
    [anna] = make_clients(1)
    ClientImport.objects.create(state="queued")
    page = enter("operator", "en").post(erase_page(anna), follow=True)
    assert "An import is under way" in " ".join(seen(page))
    assert Client.objects.filter(pk=anna.pk).exists()


def test_a_viewer_has_no_way_to_it(enter, make_clients):
    [anna] = make_clients(1)
    assert enter("viewer", "en").post(erase_page(anna)).status_code == 403
    assert Client.objects.filter(pk=anna.pk).exists()


def test_a_message_to_who_was_erased_says_so(enter, gateway, moscow, make_clients):
    message = Message.objects.create(pk=1, mailing_id=1, client_id=1, phone=None, operator_code=916)
    page = enter("operator", "en").get(f"/admin/soroka/message/{message.pk}/change/")
    assert "erased" in seen(page)
