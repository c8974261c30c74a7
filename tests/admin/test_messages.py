"""The ledger and the story of each message."""

import pytest
from django.utils import timezone

from soroka.domain.message import Reason, Status
from soroka.domain.outcome import Deferred, Rejected
from soroka.models import Attempt, Batch, Client, Message, MessageText
from soroka.queue.withdraw import pause
from tests.admin.pages import seen
from tests.rows import settle_all

LIST = "/admin/soroka/message/"


@pytest.fixture
def desk(enter):
    return enter("viewer", "en")


def story(desk, message):
    return seen(desk.get(f"{LIST}{message.pk}/change/"))


def test_one_that_waits_says_for_what(desk, mailing, make_mailing):
    message = Message.objects.first()
    assert {"Planned", "Due", "Deadline", "It waits in the queue."} <= set(story(desk, message))
    pause(mailing.pk)
    assert "Its mailing is paused." in story(desk, message)
    later = make_mailing(starts_in=600)
    assert "It waits until it is due." in story(desk, Message.objects.filter(mailing=later).first())
    Batch.objects.filter(mailing=later).update(due_at=timezone.now(), next_at=timezone.now() + timezone.timedelta(1))
    assert "It waits to be tried again." in story(desk, Message.objects.filter(mailing=later).first())


def test_one_that_is_settled_says_how_it_came_to_that(desk, mailing, gateway):
    [refused, taken, doubtful] = Message.objects.all()
    Attempt.objects.create(message=refused, gateway=gateway, outcome="deferred", detail=Deferred("busy").why)
    Attempt.objects.create(message=refused, gateway=gateway, outcome="rejected", detail=Rejected("no such number").why)
    now = timezone.now()
    Message.objects.filter(pk=refused.pk).update(status=Status.NOT_SENT, reason=Reason.REJECTED, settled_at=now)
    Message.objects.filter(pk=taken.pk).update(status=Status.DELIVERED, settled_at=now)
    Message.objects.filter(pk=doubtful.pk).update(reason=Reason.UNKNOWN)
    texts = story(desk, refused)
    steps = ["Not taken, to be tried again", "default: busy", "Refused", "default: no such number", "Not sent"]
    assert [text for text in texts if text in steps][-5:] == steps
    assert "The gateway refused it for good." in texts
    assert any(f"our number {taken.pk}" in text for text in story(desk, taken))
    assert "It is in doubt and will be offered again under the same number." in story(desk, doubtful)


def test_it_says_which_gateway_has_it(desk, mailing, gateway):
    message = Message.objects.first()
    assert "Gateway" not in story(desk, message)
    Message.objects.filter(pk=message.pk).update(reason=Reason.UNKNOWN, gateway=gateway)
    texts = story(desk, message)
    assert texts[texts.index("Gateway") + 1] == "default"


def test_it_shows_the_text_that_the_client_reads(desk, mailing, make_mailing):
    [first, *_] = Message.objects.all()
    assert "Good day!" in story(desk, first)
    personal = Message.objects.filter(mailing=make_mailing(text="Hello {{ name }}")).first()
    assert {"Hello {{ name }}"} <= set(story(desk, personal))
    MessageText.objects.create(message=personal, text="Hello Anna")
    assert "Hello Anna" in story(desk, personal)


def test_it_finds_messages(desk, mailing, make_mailing):
    other = make_mailing(name="Other")
    client = Client.objects.first()
    mine = set(Message.objects.filter(client=client.pk).values_list("pk", flat=True))
    of_mailing = set(Message.objects.filter(mailing=mailing).values_list("pk", flat=True))
    gone = Message.objects.filter(mailing=mailing).earliest("pk")
    settle_all(mailing.pk, Reason.EXPIRED)

    def found(query):
        return {message.pk for message in desk.get(f"{LIST}?{query}").context["cl"].result_list}

    assert found(f"mailing={mailing.pk}") == of_mailing
    assert found(f"client={client.pk}") == mine
    assert found(f"q=+{client.phone}") == mine
    assert found(f"q={gone.pk}") == {gone.pk}
    assert found(f"mailing={mailing.pk}&status=not_sent") == {gone.pk}
    assert found(f"mailing={mailing.pk}&reason=expired") == {gone.pk}
    assert found(f"mailing={other.pk}&reason=expired") == set()
    assert found(f"mailing={mailing.pk}&status=delivered") == of_mailing - {gone.pk}
    assert found(f"mailing={mailing.pk}&status=in_process") == set()
    assert found(f"mailing={mailing.pk}&q=+{client.phone}") == mine & of_mailing
    assert found(f"mailing={mailing.pk}&reason=expired&q=+{gone.phone}") == {gone.pk}
    assert found(f"mailing={mailing.pk}&status=delivered&q=+{gone.phone}") == set()
    assert found(f"mailing={mailing.pk}&zone=Europe/Moscow") == of_mailing
    assert found(f"mailing={mailing.pk}&zone=Europe/Moscow&client={client.pk}") == mine & of_mailing
    assert found(f"mailing={mailing.pk}&zone=Asia/Omsk") == set()
    for nothing in ("mailing=x", "client=99999999999999999999", "q=abc", "q=99999999999999999999"):
        assert found(nothing) == set()


def test_it_shows_messages_whose_client_or_mailing_is_gone(desk, mailing):
    Client.objects.all().delete()
    phone = Message.objects.first().phone
    page = desk.get(LIST).content.decode()
    assert f"+{phone}" in page and "/admin/soroka/client/1" not in page


def test_an_unknown_message_is_a_404(desk):
    assert desk.get(f"{LIST}999/change/").status_code == 404


def test_it_leafs_through_those_with_an_outcome_from_the_newest_down(desk, make_clients, make_mailing):
    make_clients(120)
    mailing = make_mailing()
    settle_all(mailing.pk, *[Reason.REJECTED, None] * 60)
    refused = list(Message.objects.filter(reason=Reason.REJECTED).order_by("-pk").values_list("pk", flat=True))
    pages = [desk.get(f"{LIST}?mailing={mailing.pk}&reason=rejected&p={number}") for number in (1, 2)]
    shown = [[message.pk for message in page.context["cl"].result_list] for page in pages]
    assert shown == [refused[:50], refused[50:]]
    assert [b'rel="next"' in page.content for page in pages] == [True, False]
