"""Segments are made, counted and used at the desk as by the API."""

import json

import pytest

from soroka.models import Client, Mailing, Message, Segment
from tests.admin.conftest import tomorrow
from tests.admin.pages import seen

LIST = "/admin/soroka/segment/"
WHOM = {"and": [{"tags": {"any": ["vip"]}}, {"not": {"attribute": "city", "eq": "Omsk"}}]}


@pytest.fixture
def desk(enter):
    return enter("operator", "en")


@pytest.fixture
def segment(vip):
    whom = {"and": [{"tags": {"any": [vip.pk]}}, {"not": {"attribute": "city", "eq": "Omsk"}}]}
    return Segment.objects.create(name="Not Omsk", filter=whom)


def test_a_segment_is_made_changed_and_removed(desk, vip):
    made = desk.post(f"{LIST}add/", {"name": "Not Omsk", "filter": json.dumps(WHOM)})
    assert made.status_code == 302
    segment = Segment.objects.get()
    assert segment.filter["and"][0] == {"tags": {"any": [vip.pk]}}
    page = desk.get(f"{LIST}{segment.pk}/change/")
    assert json.loads(page.context["adminform"].form["filter"].value()) == WHOM
    desk.post(f"{LIST}{segment.pk}/change/", {"name": "All", "filter": '{"everyone": true}'})
    segment.refresh_from_db()
    assert (segment.name, segment.filter["everyone"]) == ("All", True)
    desk.post(f"{LIST}{segment.pk}/delete/", {"post": "yes"})
    assert not Segment.objects.exists()


def test_what_is_wrong_is_said_at_the_filter_with_its_path(desk, vip):
    answer = desk.post(f"{LIST}add/", {"name": "x", "filter": '{"and": [{"tags": {"any": ["vip", "nobody"]}}]}'})
    assert "filter.and[0].tags.any[1]: There is no tag 'nobody'." in answer.context["adminform"].form.errors["filter"]
    assert desk.post(f"{LIST}add/", {"name": "x", "filter": "{"}).context["adminform"].form.errors["filter"]
    assert not Segment.objects.exists()


def test_the_button_counts_what_is_in_the_form(desk, vip, make_clients):
    make_clients(3, tag_ids=[vip.pk])
    make_clients(1, tag_ids=[vip.pk], attributes={"city": "Omsk"})
    texts = seen(desk.post(f"{LIST}count/", {"filter": json.dumps(WHOM)}))
    assert "3 clients are taken now" in texts and f"+{Client.objects.first().phone}" in texts
    assert any("filter.x: " in text for text in seen(desk.post(f"{LIST}count/", {"filter": '{"x": 1}'})))
    assert "This is not JSON." in seen(desk.post(f"{LIST}count/", {"filter": "{"}))
    assert desk.get(f"{LIST}count/").status_code == 405


def test_the_list_says_in_words_whom_a_segment_takes(enter, segment):
    words = "(any of the tags: vip) and not city is «Omsk»"
    assert words in seen(enter("viewer", "en").get(LIST))
    assert words in seen(enter("viewer", "en").get(f"{LIST}{segment.pk}/change/"))
    assert enter("viewer", "en").get(f"{LIST}add/").status_code == 403


def test_a_mailing_takes_a_segment(desk, gateway, segment, vip, make_clients):
    make_clients(2, tag_ids=[vip.pk])
    form = {"text": "Hi", "segment": "Not Omsk", "match": "any", "ends_at": tomorrow(20), "gateway": "default"}
    both = desk.post("/admin/soroka/mailing/add/", form | {"operator_codes": "916"})
    assert both.context["form"].errors["segment"]
    desk.post("/admin/soroka/mailing/add/", form)
    mailing = Mailing.objects.get()
    assert (mailing.segment, mailing.filter, Message.objects.count()) == (segment, segment.filter, 2)
    texts = seen(desk.get(f"/admin/soroka/mailing/{mailing.pk}/change/"))
    assert "Not Omsk: (any of the tags: vip) and not city is «Omsk»" in texts


def test_the_page_of_a_client_says_why(enter, mailing, make_clients):
    viewer = enter("viewer", "en")
    client = Client.objects.first()
    page = f"/admin/soroka/client/{client.pk}/why/"
    assert any("News" in text for text in seen(viewer.get(page)))
    texts = seen(viewer.get(f"{page}?mailing={mailing.pk}"))
    assert {"The message waits to be offered, or its gateway has not answered yet.", "Planned", "every client"} <= set(
        texts
    )
    [newcomer] = make_clients(1)
    texts = seen(viewer.get(f"/admin/soroka/client/{newcomer.pk}/why/?mailing={mailing.pk}"))
    assert {"The client was made after the mailing.", "no"} <= set(texts)
    assert viewer.get(f"{page}?mailing=x").status_code == 200
    assert viewer.get("/admin/soroka/client/99999/why/").status_code == 404


def test_the_page_of_a_message_says_why_this_client(enter, mailing):
    viewer = enter("viewer", "en")
    message = Message.objects.first()
    again = "By what is known of the client now, the mailing would not take this client again."
    page = f"/admin/soroka/message/{message.pk}/change/"
    assert "Why this client" in seen(viewer.get(page)) and again not in seen(viewer.get(page))
    Client.objects.filter(pk=message.client_id).update(opted_out=True)
    assert any(again in text for text in seen(viewer.get(page)))
    Client.objects.filter(pk=message.client_id).delete()
    assert "Why this client" not in seen(viewer.get(page))
