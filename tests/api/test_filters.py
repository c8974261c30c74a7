"""The grammar of filters: what is taken is shown back in its form, and what is wrong is named by its path."""

import json
from typing import Any

import pytest

from soroka.models import Client, Mailing, Segment, Tag
from tests.api.conftest import errors

DEEP: dict[str, Any] = {"everyone": True}
for _ in range(10):
    DEEP = {"not": DEEP}
LEAF = {"operator_codes": ["916"]}


@pytest.fixture
def save(api):
    """Save a filter as a segment."""
    return lambda asked: api.post("/segments", {"name": "the one", "filter": asked}, format="json")


@pytest.mark.parametrize(
    "asked",
    [
        {"tags": {"any": ["vip"], "all": ["vip"], "none": ["vip"]}},
        {"and": [{"operator_codes": ["007", "916"]}, {"not": {"timezones": ["Europe/Moscow", "Asia/Omsk"]}}]},
        {
            "or": [
                {"attribute": "city", "eq": "Москва"},
                {"attribute": "age", "gt": 17.5},
                {"attribute": "x", "lt": "b"},
            ]
        },
        {"or": [{"attribute": "a", "in": ["x", 1, None, True]}, {"attribute": "a", "exists": False}]},
        {"attribute": "and", "ne": None},
        {"created_since": "2026-11-25T00:00:00+00:00"},
        {"everyone": True, "tags": [], "operator_codes": [], "match": "any"},
        {"tags": ["vip"], "operator_codes": ["916"], "match": "all", "everyone": False},
        {"and": [{"everyone": True}]},
    ],
)
def test_a_filter_is_shown_back_in_the_form_in_which_it_was_sent(save, api, vip, asked):
    made = save(asked)
    assert made.status_code == 201, made.content
    shown = api.get(f"/segments/{made.json()['id']}").json()["filter"]
    assert shown == asked
    assert api.patch(f"/segments/{made.json()['id']}", {"filter": shown}, format="json").json()["filter"] == asked


def test_a_part_that_is_left_out_of_the_short_form_is_shown(save, vip):
    assert save({"tags": ["VIP"]}).json()["filter"] == {
        "tags": ["vip"], "operator_codes": [], "match": "any", "everyone": False,
    }  # fmt: skip


def test_a_renamed_tag_stays_the_same_tag(save, api, vip):
    made = save({"not": {"tags": {"none": ["vip"]}}}).json()
    api.patch(f"/tags/{vip.pk}", {"name": "gold"}, format="json")
    assert api.get(f"/segments/{made['id']}").json()["filter"] == {"not": {"tags": {"none": ["gold"]}}}
    assert Segment.objects.get().filter == {"not": {"tags": {"none": [vip.pk]}}}


@pytest.mark.parametrize(
    ("asked", "path", "code"),
    [
        ({"and": [LEAF, {"tags": {"any": ["vip", "nobody"]}}]}, "and[1].tags.any[1]", "unknown_tag"),
        ({"and": [LEAF, {"tags": {"any": ["vip", 7]}}]}, "and[1].tags.any[1]", "invalid"),
        ({"tags": {"some": ["vip"]}}, "tags.some", "unknown"),
        ({"tags": {}}, "tags", "not_a_choice"),
        ({"tags": {"any": []}}, "tags.any", "empty"),
        ({"tags": {"any": "vip"}}, "tags.any", "not_a_list"),
        ({"and": [{"tags": ["vip"]}]}, "and[0].tags", "not_a_choice"),
        ({"and": []}, "and", "empty"),
        ({"and": LEAF}, "and", "not_a_list"),
        ({"or": [LEAF, 7, None, []]}, "or[1]", "not_a_condition"),
        ({"or": [{}]}, "or[0]", "not_a_condition"),
        ({"not": [LEAF]}, "not", "not_a_condition"),
        ({"not": {"operator_codes": ["91"]}}, "not.operator_codes[0]", "invalid_operator_code"),
        ({"not": {"operator_codes": []}}, "not.operator_codes", "empty"),
        ({"timezones": ["Europe/Moscow", "Mars/Olympus"]}, "timezones[1]", "unknown_timezone"),
        ({**LEAF, "timezones": ["Europe/Moscow"]}, "", "several_conditions"),
        ({"tags": ["vip"], "timezones": ["Europe/Moscow"]}, "", "several_conditions"),
        ({"operator_code": ["916"]}, "operator_code", "unknown"),
        ({"tags": ["vip"], "operator_code": ["916"]}, "operator_code", "unknown"),
        ({"and": [{"everyone": False}]}, "and[0].everyone", "not_true"),
        ({"attribute": "city"}, "", "one_comparison"),
        ({"attribute": "city", "eq": 1, "ne": 2}, "", "one_comparison"),
        ({"attribute": "city", "like": "M%"}, "like", "unknown"),
        ({"attribute": "", "eq": 1}, "attribute", "blank"),
        ({"attribute": "x" * 65, "eq": 1}, "attribute", "max_length"),
        ({"attribute": "a\0", "eq": 1}, "attribute", "null_characters_not_allowed"),
        ({"attribute": "city", "eq": []}, "eq", "not_scalar"),
        ({"attribute": "city", "eq": {"$gt": 1}}, "eq", "not_scalar"),
        ({"attribute": "city", "eq": "x" * 1001}, "eq", "max_length"),
        ({"attribute": "city", "gt": None}, "gt", "not_ordered"),
        ({"attribute": "city", "lt": True}, "lt", "not_ordered"),
        ({"attribute": "city", "lt": 10**30}, "lt", "out_of_range"),
        ({"attribute": "city", "exists": 1}, "exists", "invalid"),
        ({"attribute": "city", "in": []}, "in", "empty"),
        ({"attribute": "city", "in": "Moscow"}, "in", "not_a_list"),
        ({"attribute": "city", "in": ["a", []]}, "in[1]", "not_scalar"),
        ({"attribute": "city", "in": ["a"] * 101}, "in", "too_many"),
        ({"created_since": "soon"}, "created_since", "invalid_time"),
        ({"created_since": None}, "created_since", "null"),
        ({"delivered": 99}, "delivered", "unknown_mailing"),
        ({"delivered": True}, "delivered", "invalid"),
        ({"not_delivered": "x"}, "not_delivered", "invalid"),
        ({"not_delivered": 10**30}, "not_delivered", "max_value"),
        ({"in_doubt": 99}, "in_doubt", "unknown_mailing"),
        ({"not": DEEP}, "not" + ".not" * 9, "too_deep"),
        ({"and": [LEAF] * 100}, "and[99]", "too_many"),
        ({"or": [{"operator_codes": ["916"] * 501}] * 2}, "or[1].operator_codes", "too_many"),
    ],
)
def test_an_error_names_its_path(save, vip, asked, path, code):
    answer = save(asked)
    assert answer.status_code == 400
    assert (f"filter.{path}".rstrip("."), code) in errors(answer)
    assert not Segment.objects.exists()


def test_every_error_of_a_list_is_told(save, vip):
    answer = save({"or": [LEAF, 7, {"tags": {"any": ["nobody"]}}]})
    assert errors(answer) == {("filter.or[1]", "not_a_condition"), ("filter.or[2].tags.any[0]", "unknown_tag")}


NASTY = [
    "' OR true --", '" OR 1=1 --', "'; DROP TABLE soroka_client; --", "%(filter_0)s", "%s", "%", "%%", "{where}", "{0}",
    "\\", "\\' OR true --", "$$", "$.**", "a.b", "$tag", "/*", "*/", '{"a": 1}', "?", "?|", "::int", "\n", "E'\\x27'",
    "' || pg_sleep(10) || '", "\u2019 OR 1=1", "COLLATE", "null", "c.opted_out", "NOT c.opted_out", ")",
    "))) OR (((1=1",
]  # fmt: skip


@pytest.mark.parametrize("nasty", NASTY)
def test_names_and_values_are_never_read_as_sql(api, make_clients, nasty):
    """Whatever is written in a name or a value is that name or value, and takes nobody else."""
    tag = Tag.objects.create(name=nasty.strip() or "newline")
    [his] = make_clients(1, tag_ids=[tag.pk], attributes={nasty: nasty})
    make_clients(2, attributes={"a": 1, "x": ""})
    for asked in (
        {"tags": {"any": [tag.name]}},
        {"attribute": nasty, "eq": nasty},
        {"attribute": nasty, "in": [nasty, "other"]},
        {"attribute": nasty, "exists": True},
        {"attribute": nasty, "lt": nasty + "x"},
        {"and": [{"attribute": nasty, "gt": ""}, {"not": {"attribute": nasty, "ne": nasty}}]},
    ):
        answer = api.post("/segments/preview", {"filter": asked}, format="json")
        assert answer.status_code == 200, answer.content
        assert [client["id"] for client in answer.json()["sample"]] == [his.pk], asked
    assert Client.objects.count() == 3


@pytest.mark.parametrize("nasty", NASTY)
def test_keys_and_zones_are_never_read_as_sql(api, nasty):
    for asked in ({nasty: ["916"]}, {"tags": {nasty: ["a"]}}, {"timezones": [nasty]}, {"created_since": nasty}):
        assert api.post("/segments/preview", {"filter": asked}, format="json").status_code == 400


def test_what_no_condition_can_be_is_refused_at_once(api):
    body = '{"filter": ' + '{"not": ' * 5000 + '{"everyone": true}' + "}" * 5001
    assert api.generic("POST", "/segments/preview", body, content_type="application/json").status_code == 400
    wide = {"filter": {"or": [{"attribute": f"a{n}", "in": list(range(100))} for n in range(200)]}}
    answer = api.generic("POST", "/segments/preview", json.dumps(wide), content_type="application/json")
    assert answer.status_code == 400


def test_a_mailing_keeps_and_shows_a_tree(api, gateway, vip, make_clients, make_mailing):
    make_clients(2, tag_ids=[vip.pk])
    [taken] = make_clients(1, tag_ids=[vip.pk], attributes={"city": "Omsk"})
    asked = {"and": [{"tags": {"any": ["vip"]}}, {"attribute": "city", "eq": "Omsk"}]}
    made = make_mailing(filter=asked)
    assert (made["filter"], made["statistics"]["total"]) == (asked, 1)
    assert Mailing.objects.get().filter["and"][0] == {"tags": {"any": [vip.pk]}}
    [message] = api.get(f"/mailings/{made['id']}/messages").json()["results"]
    assert message["client"] == taken.pk
    follow_up = make_mailing(filter={"not": {"delivered": made["id"]}})
    assert follow_up["statistics"]["total"] == 3


def test_a_tag_anywhere_in_an_unfinished_mailing_or_a_segment_is_kept(api, gateway, vip, make_clients, make_mailing):
    make_clients(1)
    deep = {"or": [{"operator_codes": ["916"]}, {"not": {"and": [{"tags": {"none": ["vip"]}}]}}]}
    mailing = make_mailing(filter=deep)
    refused = api.delete(f"/tags/{vip.pk}")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:soroka:problem:tag_in_use")
    api.post(f"/mailings/{mailing['id']}/cancel")

    for asked in (deep, {"tags": ["vip"]}):
        segment = api.post("/segments", {"name": "Deep", "filter": asked}, format="json").json()
        refused = api.delete(f"/tags/{vip.pk}")
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:soroka:problem:tag_in_use")
        assert "Deep" in refused.json()["detail"]
        assert api.delete(f"/segments/{segment['id']}").status_code == 204

    attribute = {"attribute": "tags", "in": [vip.pk]}
    api.post("/segments", {"name": "No tag", "filter": attribute}, format="json")
    assert api.delete(f"/tags/{vip.pk}").status_code == 204
    assert api.get(f"/mailings/{mailing['id']}").json()["filter"]["or"][1]["not"]["and"][0]["tags"]["none"] == [
        f"#{vip.pk}"
    ]
