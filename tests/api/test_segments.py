"""Saved filters: kept, previewed, named by mailings."""

from unittest.mock import ANY

import pytest

from soroka.audience import bounded
from soroka.models import Mailing, Segment
from tests.api.conftest import errors

CODE = {"operator_codes": ["926"]}


@pytest.fixture
def segment(api):
    return api.post("/segments", {"name": "Omsk", "filter": {"and": [CODE]}}, format="json").json()


def test_it_makes_changes_and_removes_a_segment(api, segment):
    assert segment == {
        "id": ANY, "name": "Omsk", "filter": {"and": [CODE]}, "created_at": ANY, "updated_at": ANY,
    }  # fmt: skip
    address = f"/segments/{segment['id']}"
    assert api.get(address).json() == segment
    renamed = api.patch(address, {"name": "OMSK"}, format="json").json()
    assert (renamed["name"], renamed["filter"]) == ("OMSK", {"and": [CODE]})
    put = api.put(address, {"name": "Tomsk", "filter": {"everyone": True}}, format="json").json()
    assert (put["name"], put["filter"]["everyone"]) == ("Tomsk", True)
    assert api.delete(address).status_code == 204
    assert api.get(address).status_code == 404


def test_a_name_is_unique_case_ignored(api, segment):
    again = api.post("/segments", {"name": "OMSK", "filter": CODE}, format="json")
    assert errors(again) == {("name", "unique")}


def test_both_name_and_filter_are_needed(api):
    assert errors(api.post("/segments", {}, format="json")) == {("name", "required"), ("filter", "required")}


def test_it_lists_searches_and_orders(api, vip, django_assert_num_queries):
    for name in ("b two", "a one", "c two"):
        Segment.objects.create(name=name, filter={"tags": {"any": [vip.pk]}})
    with django_assert_num_queries(4):  # role, count, page, tags
        page = api.get("/segments?search=two&ordering=-name&page_size=1").json()
    assert (page["count"], page["results"][0]["name"]) == (2, "c two")
    assert page["results"][0]["filter"] == {"tags": {"any": ["vip"]}}


def test_a_viewer_reads_and_writes_nothing(caller, segment):
    viewer = caller("viewer")
    assert viewer.get(f"/segments/{segment['id']}").status_code == 200
    assert viewer.delete(f"/segments/{segment['id']}").status_code == 403
    assert caller().get("/segments").status_code == 401


def test_a_mailing_has_a_copy_of_its_segment(api, gateway, segment, make_clients, mailing_body):
    make_clients(2, operator_code=926)
    make_clients(1, operator_code=916)
    body = {name: value for name, value in mailing_body.items() if name != "filter"}
    made = api.post("/mailings", body | {"segment": "omsk"}, format="json").json()
    assert (made["segment"], made["filter"], made["statistics"]["total"]) == ("Omsk", {"and": [CODE]}, 2)

    api.patch(f"/segments/{segment['id']}", {"name": "Tomsk", "filter": {"everyone": True}}, format="json")
    shown = api.get(f"/mailings/{made['id']}").json()
    assert (shown["segment"], shown["filter"], shown["statistics"]["total"]) == ("Tomsk", {"and": [CODE]}, 2)
    assert api.get(f"/mailings/{made['id']}/messages").json()["results"][0]["client"]

    assert api.delete(f"/segments/{segment['id']}").status_code == 204
    shown = api.get(f"/mailings/{made['id']}").json()
    assert (shown["segment"], shown["filter"], shown["statistics"]["total"]) == (None, {"and": [CODE]}, 2)


def test_a_mailing_takes_exactly_one_of_filter_and_segment(api, gateway, segment, mailing_body):
    both = api.post("/mailings", mailing_body | {"segment": "Omsk"}, format="json")
    assert errors(both) == {("segment", "one_of_both")}
    for nothing in ({}, {"segment": None}):
        body = {name: value for name, value in mailing_body.items() if name != "filter"} | nothing
        assert errors(api.post("/mailings", body, format="json")) == {("filter", "required")}
    unknown = {name: value for name, value in mailing_body.items() if name != "filter"} | {"segment": "Tomsk"}
    assert errors(api.post("/mailings", unknown, format="json")) == {("segment", "unknown_segment")}
    assert not Mailing.objects.exists()


def test_what_was_read_of_a_mailing_may_be_sent_back(api, gateway, segment, make_clients, mailing_body):
    make_clients(2, operator_code=926)
    body = {name: value for name, value in mailing_body.items() if name != "filter"} | {"segment": "Omsk"}
    made = api.post("/mailings", body, format="json").json()
    api.patch(f"/segments/{segment['id']}", {"filter": {"everyone": True}}, format="json")
    again = api.put(f"/mailings/{made['id']}", made, format="json")
    assert again.status_code == 200, again.content
    assert (again.json()["segment"], again.json()["filter"]) == ("Omsk", {"and": [CODE]})


def test_a_change_to_a_segment_copies_it_and_a_filter_forgets_it(api, gateway, segment, make_clients, make_mailing):
    make_clients(1, operator_code=926)
    make_clients(2)
    made = make_mailing()
    changed = api.patch(f"/mailings/{made['id']}", {"segment": "Omsk"}, format="json").json()
    assert (changed["segment"], changed["filter"], changed["statistics"]["total"]) == ("Omsk", {"and": [CODE]}, 1)
    changed = api.patch(f"/mailings/{made['id']}", {"name": "other"}, format="json").json()
    assert (changed["segment"], changed["statistics"]["total"]) == ("Omsk", 1)
    changed = api.patch(f"/mailings/{made['id']}", {"filter": {"everyone": True}}, format="json").json()
    assert (changed["segment"], changed["filter"]["everyone"], changed["statistics"]["total"]) == (None, True, 3)
    assert errors(api.patch(f"/mailings/{made['id']}", {"segment": None}, format="json")) == {("filter", "required")}


def test_a_preview_of_a_mailing_takes_a_segment(api, gateway, segment, make_clients, mailing_body):
    make_clients(1, operator_code=926)
    body = {name: value for name, value in mailing_body.items() if name != "filter"} | {"segment": "Omsk"}
    assert api.post("/mailings/preview", body, format="json").json()["clients"] == 1


def test_a_preview_counts_and_shows_a_few(api, segment, vip, make_clients):
    clients = make_clients(7, operator_code=926, tag_ids=[vip.pk])
    make_clients(2, operator_code=926, opted_out=True)
    [many] = make_clients(1, operator_code=926, tag_ids=[*range(1000, 1150)])
    seen = api.post("/segments/preview", {"segment": "OMSK"}, format="json").json()
    assert seen["count"] == 8
    assert seen["sample"] == [api.get(f"/clients/{client.pk}").json() for client in clients[:5]]
    tagged = {"filter": {"and": [CODE, {"tags": {"any": ["vip"]}}]}}
    assert api.post("/segments/preview", tagged, format="json").json()["count"] == 7
    without = {"filter": {"not": {"tags": {"any": ["vip"]}}}}
    seen = api.post("/segments/preview", without, format="json").json()
    assert (seen["count"], seen["sample"][0]["id"]) == (1, many.pk)
    nobody = api.post("/segments/preview", {"filter": {"not": {"everyone": True}}}, format="json").json()
    assert nobody == {"count": 0, "sample": []}
    assert errors(api.post("/segments/preview", {}, format="json")) == {("filter", "required")}


def test_a_preview_that_takes_too_long_says_so(api, make_clients, monkeypatch):
    monkeypatch.setattr(bounded, "LIMIT", 0.001)
    monkeypatch.setattr("soroka.audience.matches._COUNT", "SELECT 0 FROM pg_sleep(5) WHERE {where}")
    monkeypatch.setattr("soroka.audience.filter.Filter.where", lambda self: ("true", {}))
    answer = api.post("/segments/preview", {"filter": CODE}, format="json")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:soroka:problem:too_slow")
    assert api.get("/segments").status_code == 200
