"""Segments are made, counted and used at the desk as by the API."""

import json

import pytest
from django.db import connection

from soroka.models import Change, Client, Mailing, Message, Segment
from tests.admin.conftest import start_mailing, tomorrow
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


def rows(**answers) -> dict:
    """What a browser sends of rows: ``rows(joint="any", **{"0.0-kind": "everyone"})``."""
    keys = dict.fromkeys(name.partition("-")[0] for name in answers if name != "joint")
    form = {"name": "x", "filter-rows": list(keys), "filter-0-joint": answers.pop("joint", "all")}
    return form | {f"filter-{name}": value for name, value in answers.items()}


def test_a_segment_is_made_by_rows_in_groups(desk, vip):
    form = rows(
        **{"0.0-kind": "any_tag", "0.0-tags": ["vip"]},
        **{"0.1-joint": "none", "0.1.0-kind": "attribute", "0.1.0-name": "city", "0.1.0-value": "Omsk"},
    )
    assert desk.post(f"{LIST}add/", form | {"name": "Not Omsk"}).status_code == 302
    segment = Segment.objects.get()
    assert segment.filter == {"and": [{"tags": {"any": [vip.pk]}}, WHOM["and"][1]]}
    texts = seen(desk.get(f"{LIST}{segment.pk}/change/"))
    assert {"has any of the tags", "vip", "None of these is true"} <= set(texts)
    desk.post(f"{LIST}{segment.pk}/delete/", {"post": "yes"})
    assert not Segment.objects.exists()


def test_what_is_typed_last_is_taken_with_the_rest(desk, vip):
    form = rows(
        joint="any",
        **{"0.0-kind": "no_tag", "0.0-tags-more": "VIP"},
        **{"0.1-kind": "operator_codes", "0.1-codes": "916, 926"},
        **{"0.2-kind": "timezones", "0.2-timezones": ["Asia/Omsk"], "0.2-timezones-more": "Europe/Moscow"},
        **{"0.3-kind": "created_since", "0.3-created_since": "2026-11-25T03:00"},
        **{"0.4-kind": "attribute", "0.4-name": "visits", "0.4-by": "in", "0.4-values": ["1"], "0.4-values-more": "2"},
        **{"0.5-kind": "attribute", "0.5-name": "city", "0.5-by": "missing"},
    )
    assert desk.post(f"{LIST}add/", form).status_code == 302
    assert Segment.objects.get().filter["or"] == [
        {"tags": {"none": [vip.pk]}},
        {"operator_codes": [916, 926]},
        {"timezones": ["Asia/Omsk", "Europe/Moscow"]},
        {"created_since": "2026-11-25T00:00:00+00:00"},
        {"attribute": "visits", "in": [1, "2"]},
        {"attribute": "city", "exists": False},
    ]


def test_what_is_wrong_is_said_at_its_row_and_nothing_is_lost(desk, vip):
    form = rows(
        **{"0.4-kind": "any_tag", "0.4-tags": ["vip"], "0.4-tags-more": "nobody"},
        **{"0.7-joint": "none", "0.7.3-kind": "operator_codes", "0.7.3-codes": "91"},
        **{"0.8-joint": "any"},
    )
    page = desk.post(f"{LIST}add/", form)
    field = page.context["adminform"].form["filter"]
    assert field.field.widget.faults == {
        "0.4": ["There is no tag 'nobody'."],
        "0.7.3": ["An operator code is three digits, like 916."],
        "0.8": ["Must not be empty."],
    }
    assert {"nobody", "There is no tag 'nobody'.", "An operator code is three digits, like 916."} <= set(seen(page))
    assert 'value="91"' in page.content.decode()
    assert not Segment.objects.exists()


@pytest.mark.parametrize("address", ["add/", "rules/"])
def test_a_button_rearranges_the_rows_with_scripts_and_without(desk, vip, address):
    form = rows(**{"0.0-kind": "any_tag", "0.0-tags-more": "vip"}, **{"0.1-joint": "any", "0.1.0-kind": "everyone"})
    page = desk.post(f"{LIST}{address}", form | {"filter-act": "rule:0.1"}).content.decode()
    assert page.count('data-key="') == 3 and 'data-key="0.1.1"' in page and 'value="vip" checked' in page
    page = desk.post(f"{LIST}{address}", form | {"filter-act": "group:0"}).content.decode()
    assert 'data-key="0.2.0"' in page
    page = desk.post(f"{LIST}{address}", form | {"filter-act": "remove:0.1"}).content.decode()
    assert page.count('data-key="') == 1
    page = desk.post(f"{LIST}{address}", form | {"filter-act": ""}).content.decode()
    assert not any(word in page for word in ("Must not be", "correct the error")) and not Segment.objects.exists()


def test_json_and_rows_are_two_views_of_one_filter(desk, vip):
    form = rows(**{"0.0-kind": "any_tag", "0.0-tags": ["vip"]})
    text = desk.post(f"{LIST}add/", form | {"filter-act": "json"}).context["adminform"].form["filter"].value().text
    assert json.loads(text) == {"and": [{"tags": {"any": ["vip"]}}]}
    page = desk.post(f"{LIST}rules/", {"filter": text, "filter-act": "rows"}).content.decode()
    assert 'value="vip" checked' in page
    page = desk.post(f"{LIST}rules/", {"filter": "{", "filter-act": "rows"}).content.decode()
    assert ">{</textarea>" in page


def test_a_filter_that_rows_cannot_show_is_edited_as_json(desk, vip):
    deep = {"and": [{"or": [{"and": [{"or": [{"tags": {"any": ["vip"]}}]}]}]}]}
    assert desk.post(f"{LIST}add/", {"name": "Deep", "filter": json.dumps(deep)}).status_code == 302
    segment = Segment.objects.get()
    page = desk.get(f"{LIST}{segment.pk}/change/")
    assert json.loads(page.context["adminform"].form["filter"].value().text) == deep
    assert any("The rows cannot show" in text for text in seen(page))
    kept = segment.filter
    desk.post(f"{LIST}{segment.pk}/change/", {"name": "Deep", "filter": json.dumps(deep)})
    segment.refresh_from_db()
    assert segment.filter == kept


def test_more_than_a_form_has_room_for_becomes_json(desk):
    form = rows(**{"0.0-kind": "timezones", "0.0-timezones": [f"Zone/{number}" for number in range(201)]})
    draft = desk.post(f"{LIST}rules/", form | {"filter-act": ""}).context["draft"]
    assert len(json.loads(draft.text)["and"][0]["timezones"]) == 201


def test_what_is_wrong_with_json_is_said_with_its_path(desk, vip):
    answer = desk.post(f"{LIST}add/", {"name": "x", "filter": '{"and": [{"tags": {"any": ["vip", "nobody"]}}]}'})
    assert "filter.and[0].tags.any[1]: There is no tag 'nobody'." in answer.context["adminform"].form.errors["filter"]
    broken = desk.post(f"{LIST}add/", {"name": "x", "filter": "{"})
    assert broken.context["adminform"].form.errors["filter"] == ["This is not JSON."]
    assert not Segment.objects.exists()


def test_opening_and_saving_changes_nothing(desk, vip):
    short = {"tag_ids": [vip.pk], "operator_codes": [916], "match_all": True, "everyone": False}
    segment = Segment.objects.create(name="x", filter=short)
    page = desk.get(f"{LIST}{segment.pk}/change/")
    [tags, codes] = page.context["adminform"].form["filter"].value().rules.items
    form = rows(**{"0.0-kind": tags.kind, "0.0-tags": tags.values, "0.1-kind": codes.kind, "0.1-codes": "916"})
    assert desk.post(f"{LIST}{segment.pk}/change/", form).status_code == 302
    segment.refresh_from_db()
    assert segment.filter == short
    assert not Change.objects.exists()


def test_a_filter_that_nobody_has_touched_has_no_fault(desk):
    texts = seen(desk.post(f"{LIST}count/", rows(**{"0.0-kind": "any_tag"})))
    assert texts == ["Choose a tag, or another kind of condition: how many clients it takes is said here."]


def test_the_count_is_of_what_is_in_the_form(desk, vip, make_clients):
    make_clients(3, tag_ids=[vip.pk])
    make_clients(1, tag_ids=[vip.pk], attributes={"city": "Omsk"})
    assert "3 clients are taken now" in seen(desk.post(f"{LIST}count/", {"filter": json.dumps(WHOM)}))
    form = rows(**{"0.0-kind": "any_tag", "0.0-tags": ["vip"]})
    texts = seen(desk.post(f"{LIST}count/", form))
    assert {"4 clients are taken now", f"+{Client.objects.first().phone}", "(any of the tags: vip)."} <= {
        text[0].lower() + text[1:] for text in texts
    }
    assert "Must not be empty." in seen(desk.post(f"{LIST}count/", rows(**{"0.0-kind": "operator_codes"})))
    assert any("filter.x: " in text for text in seen(desk.post(f"{LIST}count/", {"filter": '{"x": 1}'})))
    assert "This is not JSON." in seen(desk.post(f"{LIST}count/", {"filter": "{"}))
    assert desk.get(f"{LIST}count/").status_code == 405


@pytest.mark.parametrize(("number", "words"), [(0, "0 клиентов"), (1, "1 клиент"), (2, "2 клиента"), (21, "21 клиент")])
def test_it_counts_in_proper_russian(enter, vip, make_clients, number, words):
    make_clients(number, tag_ids=[vip.pk])
    texts = seen(enter("operator", "ru").post(f"{LIST}count/", {"filter": '{"tags": ["vip"]}'}))
    assert any(text.startswith(f"{words} ") or text.endswith(f" {words}") for text in texts), texts


def test_what_takes_too_long_to_count_is_said_to(desk, monkeypatch, vip):
    monkeypatch.setattr("soroka.audience.bounded.LIMIT", 0.001)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP VIEW soroka_client AS SELECT c.* FROM public.soroka_client c, pg_sleep(5) ")
    texts = seen(desk.post(f"{LIST}count/", {"filter": '{"everyone": true}'}))
    assert "Counting takes longer than it may. Narrow the filter." in texts


def test_a_viewer_counts_a_segment_and_changes_none(enter, segment, vip, make_clients):
    make_clients(2, tag_ids=[vip.pk])
    viewer = enter("viewer", "en")
    assert f'{{"segment": {segment.pk}}}' in viewer.get(f"{LIST}{segment.pk}/change/").content.decode()
    assert "2 clients are taken now" in seen(viewer.post(f"{LIST}count/", {"segment": segment.pk}))
    assert viewer.post(f"{LIST}rules/", {}).status_code == 403


def test_the_list_says_in_words_whom_a_segment_takes(enter, segment):
    words = "(any of the tags: vip) and not city is «Omsk»"
    assert words in seen(enter("viewer", "en").get(LIST))
    assert words in seen(enter("viewer", "en").get(f"{LIST}{segment.pk}/change/"))
    assert enter("viewer", "en").get(f"{LIST}add/").status_code == 403


def test_a_mailing_takes_a_segment(desk, gateway, segment, vip, make_clients):
    make_clients(2, tag_ids=[vip.pk])
    form = {"text": "Hi", "segment": "Not Omsk", "match": "any", "ends_at": tomorrow(20), "gateway": "default"}
    both = start_mailing(desk, form | {"operator_codes": "916"})
    assert both.context["form"].errors["segment"]
    start_mailing(desk, form)
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


def test_the_page_of_a_client_shows_the_mailing_that_is_chosen_first(enter, make_mailing, make_clients, monkeypatch):
    monkeypatch.setattr("soroka.admin.clients.MAILINGS_SHOWN", 1)
    [client] = make_clients(1)
    older, _, _ = [make_mailing() for _ in range(3)]
    answer = enter("viewer", "en").get(f"/admin/soroka/client/{client.pk}/why/?mailing={older.pk}")
    assert answer.context["mailings"][0] == older
    assert f'<option value="{older.pk}" selected>' in answer.content.decode()


@pytest.mark.parametrize("unknown", ["999", "first"])
def test_the_page_of_a_client_says_that_a_mailing_is_not_there(enter, mailing, make_clients, unknown):
    [client] = make_clients(1)
    texts = seen(enter("viewer", "en").get(f"/admin/soroka/client/{client.pk}/why/?mailing={unknown}"))
    assert "There is no such mailing." in texts


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
