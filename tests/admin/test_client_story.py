"""A client's page tells all that is known of him as one story, the newest first."""

from django.urls import reverse

from soroka.models import Change, ClientImport, Message
from soroka.models.change import Deed
from soroka.models.trail import note
from soroka.queue.withdraw import pause
from tests.admin.pages import seen


def test_changes_consents_and_messages_are_one_story(enter, make_clients, make_mailing):
    [anna] = make_clients(1)
    make_mailing(name="News")
    desk = enter("operator", "en")
    desk.post(f"/admin/soroka/client/{anna.pk}/change/", {"phone": f"+{anna.phone}", "timezone": "Europe/Samara"})
    desk.post(f"/admin/soroka/client/{anna.pk}/consent", {"opt_out": "1", "source": "a call", "wording": "no more"})
    page = " ".join(seen(desk.get(f"/admin/soroka/client/{anna.pk}/story")))
    assert "Message of the mailing News" in page
    assert "The client opted out before it was offered." in page
    assert "a call; no more" in page
    assert page.count("Opt-out") == 1  # the trail has it too, and it is told once


def test_it_begins_with_the_import_that_made_the_client(enter, make_clients):
    made_by = ClientImport.objects.create(filename="spring.csv", state="finished")
    [anna] = make_clients(1, made_by_import=made_by.pk)
    address = reverse("admin:soroka_client_story", args=[anna.pk])
    desk = enter("viewer", "en")
    assert f"Import № {made_by.pk} spring.csv" in seen(desk.get(address))
    made_by.delete()  # by age
    assert f"Import № {anna.made_by_import}" in seen(desk.get(address))


def test_it_is_leafed_through_by_fifty(enter, make_clients):
    [anna] = make_clients(1)
    for number in range(60):
        note(Deed.CHANGED, anna, before={"operator_code": number}, after={"operator_code": number + 1})
    desk = enter("viewer", "en")
    address = reverse("admin:soroka_client_story", args=[anna.pk])
    assert desk.get(address).content.count(b"<li") - desk.get(f"{address}?p=2").content.count(b"<li") == 40
    assert "Older" in seen(desk.get(address)) and "Older" not in seen(desk.get(f"{address}?p=2"))


def test_a_message_says_who_paused_its_mailing(enter, make_clients, make_mailing):
    make_clients(1)
    mailing = make_mailing()
    enter("operator").post(f"/admin/soroka/mailing/{mailing.pk}/pause/")
    message = Message.objects.get()
    texts = " ".join(seen(enter("viewer", "en").get(f"/admin/soroka/message/{message.pk}/change/")))
    assert "The mailing: paused" in texts and "operator" in texts
    assert "Paused" in " ".join(seen(enter("viewer", "en").get(f"/admin/soroka/mailing/{mailing.pk}/change/")))


def test_the_command_line_is_named(make_clients, make_mailing):
    make_clients(1)
    pause(make_mailing().pk)
    assert (Change.objects.first().action, Change.objects.first().actor_kind) == ("paused", "command")
