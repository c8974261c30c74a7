import json

import pytest

from soroka.api import client_pages
from soroka.domain.message import Status
from soroka.models import Client, Message
from tests.api.conftest import errors


def test_it_makes_a_client_from_a_phone_alone(api, moscow):
    answer = api.post("/clients", {"phone": "8 (916) 123-45-67"}, format="json")
    assert answer.status_code == 201
    made = answer.json()
    assert made | {"id": 0, "created_at": "", "updated_at": ""} == {
        "id": 0,
        "phone": "79161234567",
        "operator_code": "916",
        "tags": [],
        "timezone": "Europe/Moscow",
        "attributes": {},
        "opted_out": False,
        "created_at": "",
        "updated_at": "",
    }
    assert made["created_at"].endswith("+03:00")


def test_it_keeps_every_field_of_a_client(api, vip):
    given = {
        "phone": "+7 926 765-43-21",
        "operator_code": "012",
        "tags": ["VIP", "vip"],
        "timezone": "Asia/Vladivostok",
        "attributes": {"name": "Анна", "age": 33, "score": 0.5, "member": True, "city": None},
        "opted_out": True,
    }
    made = api.post("/clients", given, format="json").json()
    shown = api.get(f"/clients/{made['id']}").json()
    assert shown == made
    assert {name: shown[name] for name in given} == given | {"phone": "79267654321", "tags": ["vip"]}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, ("phone", "required")),
        ({"phone": ""}, ("phone", "blank")),
        ({"phone": None}, ("phone", "null")),
        ({"phone": "12"}, ("phone", "invalid_phone")),
        ({"phone": "7916123456７"}, ("phone", "invalid_phone")),
        ({"phone": 7.9161234567e10}, ("phone", "invalid")),
        ({"phone": ["79161234567"]}, ("phone", "invalid")),
        ({"phone": "7" * 65}, ("phone", "max_length")),
        ({"phone": "7916\x001234567"}, ("phone", "null_characters_not_allowed")),
        ({"operator_code": "16"}, ("operator_code", "invalid_operator_code")),
        ({"operator_code": "９１６"}, ("operator_code", "invalid_operator_code")),
        ({"timezone": "Mars/Olympus"}, ("timezone", "unknown_timezone")),
        ({"timezone": None}, ("timezone", "null")),
        ({"timezone": "../etc/passwd"}, ("timezone", "unknown_timezone")),
        ({"tags": "vip"}, ("tags", "not_a_list")),
        ({"tags": ["vip", "nobody"]}, ("tags[1]", "unknown_tag")),
        ({"tags": ["vip", "\ud800"]}, ("tags[1]", "surrogate_characters_not_allowed")),
        ({"tags": ["vip"] * 1001}, ("tags", "too_many")),
        ({"attributes": []}, ("attributes", "not_a_dict")),
        ({"attributes": {"a": {"b": 1}}}, ("attributes.a", "not_scalar")),
        ({"attributes": {"a": "\x00"}}, ("attributes.a", "null_characters_not_allowed")),
        ({"attributes": {"a": "x" * 1001}}, ("attributes.a", "max_length")),
        ({"attributes": {"a": 10**30}}, ("attributes.a", "out_of_range")),
        ({"attributes": {"\x00": 1}}, ("attributes", "null_characters_not_allowed")),
        ({"attributes": {str(number): 1 for number in range(101)}}, ("attributes", "too_many")),
        ({"opted_out": "perhaps"}, ("opted_out", "invalid")),
    ],
)
def test_it_names_the_field_that_is_wrong(api, vip, body, expected):
    whole = body if "phone" in body or not body else {"phone": "79161234567"} | body
    answer = api.post("/clients", json.dumps(whole), content_type="application/json")
    assert answer.status_code == 400
    assert errors(answer) == {expected}
    assert not Client.objects.exists()


def test_it_refuses_a_number_that_another_client_has(api):
    api.post("/clients", {"phone": "79161234567"}, format="json")
    assert errors(api.post("/clients", {"phone": "8 916 123 45 67"}, format="json")) == {("phone", "unique")}


def test_a_put_sets_what_is_left_out_to_its_default_and_leaves_an_opt_out(api, vip):
    made = api.post(
        "/clients",
        {"phone": "79161234567", "operator_code": "999", "tags": ["vip"], "timezone": "Asia/Omsk", "opted_out": True},
        format="json",
    ).json()
    answer = api.put(f"/clients/{made['id']}", {"phone": "79161234567"}, format="json").json()
    assert (answer["operator_code"], answer["tags"], answer["timezone"]) == ("916", [], "Europe/Moscow")
    assert answer["opted_out"] is True


def test_a_patch_changes_what_it_names(api):
    made = api.post("/clients", {"phone": "79161234567", "timezone": "Asia/Omsk"}, format="json").json()
    answer = api.patch(f"/clients/{made['id']}", {"phone": "79267654321"}, format="json").json()
    assert (answer["phone"], answer["operator_code"], answer["timezone"]) == ("79267654321", "926", "Asia/Omsk")


def test_an_opt_out_withdraws_what_was_not_offered(api, make_clients, make_mailing):
    client, _ = make_clients(2)
    mailing = make_mailing()
    api.patch(f"/clients/{client.pk}", {"opted_out": True}, format="json")
    assert [message["reason"] for message in api.get(f"/clients/{client.pk}/messages").json()["results"]] == [
        "opted_out"
    ]
    assert api.get(f"/mailings/{mailing['id']}").json()["statistics"] == {
        "total": 2,
        "in_process": 1,
        "delivered": 0,
        "not_sent": 1,
    }


def test_a_new_number_is_used_for_what_is_not_settled(api, make_clients, make_mailing):
    first, second = make_clients(2)
    make_mailing()
    Message.objects.filter(client=first).update(status=Status.DELIVERED)
    for client, number in ((first, "79260000001"), (second, "79260000002")):
        api.patch(f"/clients/{client.pk}", {"phone": number}, format="json")
    phones = dict(Message.objects.values_list("client_id", "phone"))
    assert phones == {first.pk: first.phone, second.pk: 79260000002}


def test_a_deleted_client_is_not_written_to_and_stays_in_the_ledger(api, make_clients, make_mailing):
    [client] = make_clients(1)
    mailing = make_mailing()
    assert api.delete(f"/clients/{client.pk}").status_code == 204
    [message] = api.get(f"/messages?mailing={mailing['id']}").json()["results"]
    assert (message["client"], message["phone"], message["reason"]) == (client.pk, str(client.phone), "withdrawn")
    assert api.get(f"/clients/{client.pk}/messages").status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("tag=VIP", {0}),
        ("operator_code=926", {1}),
        ("timezone=Asia/Omsk", {1}),
        ("timezone=Asia/Tokyo", set()),
        ("phone=8(916)0000000", {0}),
        ("opted_out=true", {2}),
        ("opted_out=false", {0, 1}),
        ("search=7926", {1}),
        ("search=%2B7 916", {0, 2}),
        ("search=анн", {2}),
        ("search=100%25", set()),
        ("tag=vip&operator_code=926", set()),
        ("search=", {0, 1, 2}),
    ],
)
def test_it_narrows_the_list(api, vip, query, found):
    for body in (
        {"phone": "79160000000", "tags": ["vip"]},
        {"phone": "79260000000", "timezone": "Asia/Omsk"},
        {"phone": "79160000002", "opted_out": True, "attributes": {"name": "Анна"}},
    ):
        assert api.post("/clients", body, format="json").status_code == 201
    ids = list(Client.objects.order_by("id").values_list("id", flat=True))
    answer = api.get(f"/clients?{query}")
    assert answer.status_code == 200, answer.content
    assert {ids.index(client["id"]) for client in answer.json()["results"]} == found


@pytest.fixture
def leaf(api):
    """``leaf(query, "next")``: the ids on every page, from the first on, as far as the link of this name leads."""

    def leaf_through(address, direction):
        pages = []
        while address:
            body = api.get(address).json()
            pages.append([client["id"] for client in body["results"]])
            address, last = body[direction], address
        return pages, last

    return leaf_through


@pytest.mark.parametrize("narrower", ["", "&operator_code=916"])
def test_a_search_in_attributes_goes_on_where_a_page_has_looked_enough(leaf, make_clients, monkeypatch, narrower):
    monkeypatch.setattr(client_pages, "LOOKED_THROUGH", 3)
    clients = make_clients(8, attributes={"name": "Anna"})
    Client.objects.filter(pk__in=[clients[place].pk for place in (1, 2, 3, 4, 5, 6)]).update(attributes={})
    first, last = clients[0].pk, clients[7].pk
    forth, end = leaf(f"/clients?search=anna{narrower}", "next")
    assert forth == [[first], [], [last]]
    back, _ = leaf(end, "previous")
    assert [page for page in back if page] == [[last], [first]]
    assert leaf("/clients?search=anna&page_size=1", "next")[0] == forth
    assert leaf("/clients?search=7916", "next")[0] == [[client.pk for client in clients]]  # by the index, at once


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("tag=nobody", ("tag", "unknown_tag")),
        ("tag=", ("tag", "blank")),
        ("opted_out=", ("opted_out", "invalid")),
        ("opted_out=1", ("opted_out", "invalid")),
        ("tag=%00", ("tag", "null_characters_not_allowed")),
        ("operator_code=abc", ("operator_code", "invalid_operator_code")),
        ("timezone=Nowhere", ("timezone", "unknown_timezone")),
        ("phone=12", ("phone", "invalid_phone")),
        ("opted_out=perhaps", ("opted_out", "invalid")),
        ("search=%00", ("search", "null_characters_not_allowed")),
    ],
)
def test_it_names_the_parameter_that_is_wrong(api, query, expected):
    answer = api.get(f"/clients?{query}")
    assert answer.status_code == 400
    assert errors(answer) == {expected}


def test_it_shows_a_page_with_three_queries_whatever_its_size(api, vip, make_clients, django_assert_num_queries):
    make_clients(120, tag_ids=[vip.pk])
    for size in (10, 100):
        with django_assert_num_queries(3):  # role, page with zones, tags
            assert len(api.get(f"/clients?page_size={size}").json()["results"]) == size


def test_it_walks_all_clients_by_cursor_there_and_back(api, make_clients):
    ids = [client.pk for client in make_clients(25)]
    address, there = "/clients?page_size=10", []
    while address:
        page = api.get(address).json()
        assert "count" not in page
        there += [client["id"] for client in page["results"]]
        last, address = page, page["next"]
    assert there == ids
    assert [client["id"] for client in api.get(last["previous"]).json()["results"]] == ids[10:20]
