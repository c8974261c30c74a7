"""Every field of every body, with everything that is wrong with it: a problem document that names it, and no trace."""

import json
import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model

from soroka.audience.filter import Filter
from soroka.models import Batch, Client, ClientImport, Gateway, IdempotencyKey, Mailing, Message, Segment, Tag, Zone

JSON = "application/json"
#: Seconds that the worst request may take, on a busy machine.
SOON = 20.0
TABLES: list[type[Model]] = [
    Batch, Client, ClientImport, Gateway, IdempotencyKey, Mailing, Message, Segment, Tag, User, Zone,
]  # fmt: skip

NO_WORD = [None, True, [], {}, ["a"], {"a": 1}, "a\0b", "\0", "a\ud800b", "\udfff"]
NO_TEXT = [*NO_WORD, 7, 7.5, 10**30]
NEEDED_TEXT = [*NO_TEXT, "", "   ", "\u2003\n"]
TAG = [*NEEDED_TEXT, "x" * 65, "x" * 1_000_000]
KNOWN_TAG = [*TAG, "nobody", 7, 1e400]
NUMBER = [
    *NEEDED_TEXT, "12", "+", "phone", "7916123456７", "７９１６１２３４５６７", "٧٩١٦١٢٣٤٥٦٧",
    "+7 916 123 45", "7" * 65, "7" * 100_000,
    7.9161234567e10, 1e400, 10**30, -79161234567, "79161234567;79161234568", "0", "+00000000000",
]  # fmt: skip
CODE = [
    *(value for value in NEEDED_TEXT if value is not None), "1", "16", "9166", "９１６", "-16", "+16", "1e2", "0x1",
    9.5, -16, 10**30, 1e400, "9" * 100_000,
]  # fmt: skip
ZONE = [
    *NEEDED_TEXT, "Mars/Olympus", "Moscow", "europe/moscow", "../../etc/passwd", "/etc/localtime", "localtime", "UTC+3",
    "MSK-3", 3, 3.5, "x" * 100_000,
]  # fmt: skip
NO_LIST = [None, True, 7, "vip", "", {}, {"0": "vip"}]
TAGS = [*NO_LIST, *([bad] for bad in KNOWN_TAG), ["vip", "nobody"], ["vip"] * 1001, [["vip"]]]
CODES = [*NO_LIST, *([bad] for bad in CODE), [None], ["916"] * 1001]
FLAG = [None, "perhaps", "yes", "True", "", [], {}, [True], 0, 1, 7, -1, 0.5, "\0", "\ud800", "true" * 1000, 10**30]
ATTRIBUTES = [
    None, True, 7, "x", [], ["a"], {"a": []}, {"a": {}}, {"a": [1]}, {"a": "\0"}, {"a": "\ud800"}, {"\0": 1},
    {"\ud800": 1}, {"": 1}, {"x" * 65: 1}, {"a": "x" * 1001}, {"a": 10**30}, {"a": 1e400},
    {str(number): number for number in range(101)},
]  # fmt: skip
MOMENT = [
    True, [], {}, "", " ", "soon", "now", "2035-11-27", "2035-02-30T10:00", "2035-11-27T25:00",
    "2035-11-27T10:00+99:00",
    "２０３５-11-27T10:00", "0001-01-01T00:00:00+03:00", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59",
    "1999-12-31T23:59:59Z", "2035-11-27T10:00\0", "\ud800", 1764230400, -1, 1.5, 1e400, 10**30, "1" * 100_000,
]  # fmt: skip
END = [None, *MOMENT, "2020-01-01T00:00:00Z"]
FALLBACKS = [
    *NO_LIST, ["nowhere"], ["default"], [""], ["x" * 65], ["x" * 1_000_000], ["\0"], [None], [7], ["default"] * 11,
    [[]],
]  # fmt: skip
GATEWAY = [*NEEDED_TEXT, "nowhere", "x" * 65, "x" * 1_000_000, 7]
NAME = [*NO_TEXT, "x" * 201, "x" * 1_000_000]
TEXT = [
    *NEEDED_TEXT, "x" * 2001, "x" * 1_000_000, "{{ name", "{{ name | nothing }}", "{% if %}", "{% for a in tags %}",
    "{% include 'a' %}", "{% render 'a' %}", "{{ (1..1000000000) | join }}",
    "{% for i in (1..1000000000) %}x{% endfor %}",
    "{% assign a = '" + "x" * 100 + "' %}" + "{% assign a = a | append: a | append: a | append: a %}" * 30 + "{{ a }}",
    "{% assign a = 9 %}" + "{% assign a = a | times: a | times: a %}" * 40 + "{{ a }}",
    "{% if true %}" * 100 + "x" + "{% endif %}" * 100, "{{ '2035' | date: '" + "%Y" * 900 + "' }}{{",
]  # fmt: skip
FILTER = [
    None, True, 7, "vip", "", [], ["vip"], {}, {"tags": []}, {"everyone": False}, {"everyone": True, "tags": ["vip"]},
    {"nobody": True}, {"\ud800": 1}, {"and": []}, {"and": [{}]}, {"attribute": "\ud800", "eq": 1},
    {"attribute": "a", "eq": "\ud800"}, {"attribute": "a\0", "eq": 1}, {"attribute": "a", "eq": 1e400},
    {"attribute": "a", "lt": 10**30}, {"tags": {"any": ["\ud800"]}}, {"tags": {"any": ["vip"], "\0": ["vip"]}},
    {"delivered": 10**30}, {"delivered": 99}, {"created_since": "1" * 100_000}, {"timezones": ["\0"]},
    {"not": {"not": {"not": {"operator_codes": ["x"]}}}}, {"or": [{"everyone": True}] * 101},
]  # fmt: skip
MATCH = [None, True, [], {}, "", "some", "ANY", "\0", "\ud800", 7, "any" * 1000]

OF_A_CLIENT = {
    "phone": NUMBER, "operator_code": CODE, "tags": TAGS, "timezone": ZONE, "attributes": ATTRIBUTES, "opted_out": FLAG,
}  # fmt: skip
SEGMENT = [*NO_WORD[1:], 7, "", "nobody", "x" * 201, "x" * 1_000_000]
OF_A_SEGMENT = {"name": [*NEEDED_TEXT, "x" * 201, "x" * 1_000_000], "filter": FILTER, "filter.tags": TAGS}
OF_A_MAILING = {
    "name": NAME, "text": TEXT, "filter": FILTER, "filter.tags": TAGS, "filter.operator_codes": CODES,
    "filter.match": MATCH, "filter.everyone": FLAG, "starts_at": MOMENT, "ends_at": END, "local_time": FLAG[1:],
    "gateway": GATEWAY, "fallbacks": FALLBACKS, "segment": SEGMENT,
}  # fmt: skip
#: Every call with a JSON body, and its fields with what is wrong with them.
CALLS: dict[str, dict[str, list[Any]]] = {
    "POST /auth/token": {"username": [*NO_WORD, "", "  "], "password": [*NO_WORD, ""]},
    "POST /auth/token/refresh": {"refresh": [*NO_WORD, ""]},
    "POST /tags": {"name": TAG},
    "PUT /tags/{tag}": {"name": TAG},
    "PATCH /tags/{tag}": {"name": TAG},
    "POST /clients": OF_A_CLIENT,
    "PUT /clients/{client}": OF_A_CLIENT,
    "PATCH /clients/{client}": OF_A_CLIENT,
    "POST /mailings": OF_A_MAILING,
    "POST /mailings/preview": OF_A_MAILING,
    "PUT /mailings/{mailing}": OF_A_MAILING,
    "PATCH /mailings/{mailing}": OF_A_MAILING,
    "POST /segments": OF_A_SEGMENT,
    "PUT /segments/{segment}": OF_A_SEGMENT,
    "PATCH /segments/{segment}": OF_A_SEGMENT,
    "POST /segments/preview": {"filter": FILTER, "filter.tags": TAGS, "segment": SEGMENT},
}
EVERY_FIELD = [(call, field) for call, fields in CALLS.items() for field in fields]


@pytest.fixture
def world(api, vip, make_clients, make_mailing, mailing_body) -> dict[str, Any]:
    """Something of everything: the ids, and a good body for every kind of call."""
    [client] = make_clients(1)
    return {
        "ids": {"tag": vip.pk, "client": client.pk, "mailing": make_mailing()["id"], "segment": _segment()},
        "auth": {"username": "operator", "password": "a password", "refresh": "x.y.z"},
        "tags": {"name": "new"},
        "clients": {"phone": "79990000000"},
        "mailings": mailing_body,
        "segments": {"name": "new", "filter": {"everyone": True}},
    }


def _segment() -> int:
    return Segment.objects.create(name="saved", filter=Filter(everyone=True).to_json()).pk


def everything() -> list[Any]:
    """All rows of all tables."""
    return [list(table.objects.order_by("pk").values()) for table in TABLES]


def body_for(call: str, field: str, value: Any, world: dict[str, Any]) -> bytes:
    """A good body but for one field; of a PATCH the field alone. JSON that Python's own parser would write."""
    good = {} if call.startswith("PATCH") else world[call.split("/")[1]]
    outer, _, inner = field.partition(".")
    if inner:
        value = {"operator_codes": ["916"], inner: value} if inner != "operator_codes" else {inner: value}
    return json.dumps(good | {outer: value}).replace("Infinity", "1e400").encode()


def send(api: Any, call: str, body: bytes, world: dict[str, Any], content_type: str = JSON) -> Any:
    method, path = call.split(" ")
    begun = time.monotonic()
    answer = api.generic(method, path.format(**world["ids"]), body, content_type=content_type)
    assert time.monotonic() - begun < SOON, body[:200]
    return answer


@pytest.mark.parametrize(("call", "field"), EVERY_FIELD)
def test_a_bad_value_is_refused_by_its_name_and_leaves_no_trace(api, world, call, field):
    before = everything()
    for value in CALLS[call][field]:
        answer = send(api, call, body_for(call, field, value, world), world)
        said = (repr(value)[:100], answer.status_code, answer.content[:500].decode())
        assert answer.status_code == 400, said
        assert answer["Content-Type"] == "application/problem+json", said
        names = [error["field"] for error in answer.json()["errors"]]
        outer = field.partition(".")[0]
        assert names, said
        assert all(name == outer or name.startswith((f"{outer}.", f"{outer}[")) for name in names), said
    assert everything() == before


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"{'name': 'x'}", 400),
        (b'{"name": "x"}{', 400),
        (b'{"name": NaN}', 400),
        (b'{"name": "\xff"}', 400),
        (b"\x00", 400),
        (b"[]", 400),
        (b"[{}]", 400),
        (b'"text"', 400),
        (b"7", 400),
        (b"null", 400),
        (b"true", 400),
        pytest.param(b"9" * 5000, 400, id="a number of 5,000 digits"),
        pytest.param(b"[" * 500_000, 400, id="lists"),
        pytest.param(b'{"a":' * 200_000, 400, id="objects"),
        pytest.param(b'{"name":' + b"[" * 900 + b"]" * 900 + b"}", 400, id="lists in a field"),
        pytest.param(b'{"name": "' + b"x" * 10_000_000 + b'"}', 413, id="10 MB"),
    ],
)
def test_a_bad_body_is_refused_and_leaves_no_trace(api, world, call, body, status):
    before = everything()
    answer = send(api, call, body, world)
    if answer.status_code == 200:  # a PATCH that names nothing it knows changes nothing
        assert call.startswith("PATCH") and body.startswith(b'{"name":[') and "name" not in CALLS[call]
    else:
        assert answer.status_code == status, answer.content
        assert answer["Content-Type"] == "application/problem+json"
    assert everything() == before


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "application/jsonp", "image/png", "x"])
def test_a_body_of_another_kind_is_refused(api, world, call, content_type):
    before = everything()
    answer = send(api, call, b'{"name": "x"}', world, content_type)
    assert answer.status_code == 415
    assert answer.json()["type"] == "urn:soroka:problem:unsupported_media_type"
    assert everything() == before


@pytest.mark.parametrize(
    "call", [call for call in CALLS if "{" in call] + ["DELETE /tags/{tag}", "POST /mailings/{mailing}/pause"]
)
@pytest.mark.parametrize(
    "number", ["0", "2147483648", "9223372036854775807", "9223372036854775808", "9" * 5000, "-1", "x"]
)
def test_what_is_not_there_is_not_found(api, world, call, number):
    before = everything()
    nowhere = world | {"ids": dict.fromkeys(world["ids"], number)}
    answer = send(api, call, json.dumps(world["tags"]).encode(), nowhere)
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert everything() == before


@pytest.mark.parametrize(
    "address",
    [
        "/tags",
        "/clients",
        "/clients/imports",
        "/gateways",
        "/mailings",
        "/mailing-statistics",
        "/messages",
        "/mailings/{mailing}/messages",
        "/clients/{client}/messages",
    ],
)
def test_an_absurd_page_is_refused_by_the_name_of_its_parameter(api, world, address):
    where = address.format(**world["ids"])
    place = "cursor" if "cursor" in str(api.get(f"{where}?page_size=1&cursor=x").content) else "page"
    for parameter in ("page_size", place):
        for value in (
            "0",
            "-1",
            "1.5",
            "x",
            "%00",
            "%ED%A0%80",
            "٣",
            "９",
            "1e3",
            "9" * 30,
            "9" * 5000,
            "null",
            "1 OR 1=1",
        ):
            answer = api.get(f"{where}?{parameter}={value}")
            assert answer.status_code == 400, (parameter, value, answer.content)
            assert [error["field"] for error in answer.json()["errors"]] == [parameter]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, "file"),
        ({"file": ""}, "file"),
        ({"file": "phone\n79161234567"}, "file"),
        ({"file": SimpleUploadedFile("clients.csv", b"")}, "file"),
        ({"file": SimpleUploadedFile("clients.csv", b"name\nx\n")}, "file"),
        ({"file": SimpleUploadedFile("clients.csv", b"\0\0\0")}, "file"),
        ({"file": SimpleUploadedFile("clients.csv", b"\xff\xfe\xfa")}, "file"),
    ],
)
def test_a_bad_file_is_refused_and_leaves_no_trace(api, world, form, field):
    before = everything()
    answer = api.post("/clients/imports", form)
    assert answer.status_code == 400, answer.content
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert everything() == before


def test_a_body_in_chunks_is_refused_for_it_has_no_length(api):
    answer = api.generic("POST", "/tags", b"", content_type=JSON, headers={"Transfer-Encoding": "chunked"})
    assert answer.status_code == 411
    assert answer.json()["type"] == "urn:soroka:problem:length_required"
