"""Every error is a problem document, wherever it comes from."""

import json

import pytest
from django.db import IntegrityError, transaction

from soroka.api import tags
from soroka.models import Tag

JSON = "application/json"


def test_a_problem_document_has_every_member_of_the_contract(api, gateway, vip, mailing_body):
    body = mailing_body | {"filter": {"tags": ["vip", "nobody"]}}
    answer = api.post("/mailings", body, format="json", headers={"X-Request-ID": "mine-1", "Accept-Language": "en"})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["X-Request-ID"] == "mine-1"
    assert answer.json() == {
        "type": "urn:soroka:problem:invalid",
        "title": "Bad Request",
        "status": 400,
        "detail": "The request is not valid; every error names its field.",
        "errors": [{"field": "filter.tags[1]", "code": "unknown_tag", "message": "There is no tag 'nobody'."}],
        "request_id": "mine-1",
    }


@pytest.mark.parametrize(
    ("wrong", "english", "russian"),
    [
        ({"text": "{{ name"}, "expected '}}', found end of file", "Текст кончился раньше"),
        ({"text": "{{ (1..5) }}"}, "ranges such as (1..5) are not", "Диапазоны вроде (1..5) не"),
        ({"starts_at": "soon"}, "This is not an ISO 8601 time", "Это не время по ISO 8601"),
        ({"starts_at": "2026-11-27"}, "A date needs a time", "К дате нужно время"),
        ({"starts_at": "0001-01-01T00:00:00+03:00"}, "This time is too close", "Это время слишком близко"),
        ({"window": {"from": "9:00", "to": "21:00"}}, "An hour is written like", "Час пишется так"),
        ({"filter": {"operator_codes": ["1"]}}, "An operator code is three", "Код оператора"),
        ({"filter": {"timezones": ["Mars"]}}, "'Mars' is not an IANA", "Часового пояса 'Mars' нет"),
    ],
)
def test_what_a_rule_says_comes_in_the_language_of_the_caller(api, gateway, mailing_body, wrong, english, russian):
    for language, said in [("en", english), ("ru", russian)]:
        answer = api.post("/mailings", mailing_body | wrong, format="json", headers={"Accept-Language": language})
        assert said in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("sent", ["", "two words", "x" * 65, "línea", "a\tb"])
def test_a_request_id_that_is_not_sane_is_replaced(api, sent):
    answer = api.get("/nowhere", headers={"X-Request-ID": sent})
    assert answer["X-Request-ID"] != sent
    assert answer.json()["request_id"] == answer["X-Request-ID"]
    assert len(answer["X-Request-ID"]) == 32


def test_two_requests_have_two_ids(api):
    assert api.get("/tags")["X-Request-ID"] != api.get("/tags")["X-Request-ID"]


@pytest.mark.parametrize(
    ("request_line", "body", "content_type", "expected"),
    [
        ("GET /nowhere", "", JSON, (404, "not_found")),
        ("GET /tags/999999", "", JSON, (404, "not_found")),
        ("GET /tags/9223372036854775808", "", JSON, (404, "not_found")),
        ("GET /messages/99999999999999999999999999999", "", JSON, (404, "not_found")),
        ("GET /mailings/9223372036854775808/messages", "", JSON, (404, "not_found")),
        ("GET /clients/9223372036854775808/messages", "", JSON, (404, "not_found")),
        ("POST /mailings/9223372036854775808/pause", "", JSON, (404, "not_found")),
        pytest.param("GET /tags/" + "9" * 5000, "", JSON, (404, "not_found"), id="an id of 5,000 digits"),
        ("GET /tags/abc", "", JSON, (404, "not_found")),
        ("GET /tags/%00", "", JSON, (404, "not_found")),
        ("GET /tags?page=2", "", JSON, (404, "not_found")),
        ("GET /tags?page=0", "", JSON, (400, "invalid")),
        ("GET /tags?page=99999999999999999999", "", JSON, (400, "invalid")),
        ("GET /tags?ordering=secret", "", JSON, (400, "invalid")),
        ("DELETE /tags", "", JSON, (405, "method_not_allowed")),
        ("POST /mailing-statistics", "{}", JSON, (405, "method_not_allowed")),
        ("POST /tags", "{", JSON, (400, "parse_error")),
        ("POST /tags", '{"name": NaN}', JSON, (400, "parse_error")),
        ("POST /tags", b'{"name": "\xff"}', JSON, (400, "parse_error")),
        pytest.param("POST /tags", "[" * 100_000, JSON, (400, "parse_error"), id="deep lists"),
        pytest.param("POST /tags", '{"a":' * 50_000, JSON, (400, "parse_error"), id="deep objects"),
        ("POST /tags", '{"name": "x"}', "application/json; charset=bz2", (400, "parse_error")),
        ("POST /clients", "phone=79161234567", "application/x-www-form-urlencoded", (415, "unsupported_media_type")),
        ("POST /mailings", "<a/>", "application/xml", (415, "unsupported_media_type")),
        pytest.param(
            "POST /tags", '{"name": "' + "x" * 10_000_000 + '"}', JSON, (413, "too_large"), id="10 MB of JSON"
        ),
        pytest.param(
            "POST /tags",
            "name=" + "x" * 10_000_000,
            "application/x-www-form-urlencoded",
            (413, "too_large"),
            id="10 MB of a form",
        ),
        ("POST /tags", "x", "multipart/form-data", (400, "parse_error")),
        ("POST /tags", "null", JSON, (400, "invalid")),
    ],
)
def test_a_refused_request_is_a_problem_document(api, request_line, body, content_type, expected):
    status, kind = expected
    answer = api.generic(*request_line.split(" "), body, content_type=content_type)
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    document = answer.json()
    assert (document["type"], document["status"]) == (f"urn:soroka:problem:{kind}", status)
    assert document["request_id"] == answer["X-Request-ID"]
    assert document["detail"]
    assert Tag.objects.count() == 0


@pytest.mark.parametrize("query", ["search=%00", "ordering=%00", "page=%00", "search=" + "x " * 200, "page_size=%00"])
def test_a_strange_query_is_never_a_fault_of_ours(api, query):
    assert api.get(f"/tags?{query}").status_code in {200, 400, 404}


def test_an_error_of_the_whole_body_has_no_field(api):
    answer = api.post("/tags", json.dumps(["vip"]), content_type=JSON)
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("", "invalid")]


def test_what_another_request_wrote_in_between_is_a_conflict(api, monkeypatch, vip):
    monkeypatch.setattr(tags.TagSerializer, "validate_name", lambda self, name: name)
    with transaction.atomic():
        answer = api.post("/tags", {"name": "VIP"}, format="json")
        transaction.set_rollback(True)
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:soroka:problem:conflict"


def test_a_fault_of_ours_is_a_problem_document_and_says_nothing_of_the_inside(api, monkeypatch, caplog):
    def break_down(self: object) -> None:
        raise IntegrityError("a secret")

    monkeypatch.setattr(tags.TagViewSet, "get_queryset", break_down)
    answer = api.get("/tags")
    assert answer.status_code == 500
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:soroka:problem:server_error"
    assert "secret" not in answer.content.decode()
    assert "a secret" in caplog.text


def test_a_browser_gets_pages_of_errors(api):
    for address in ("/nowhere", "/tags/999999"):
        answer = api.get(address, headers={"Accept": "text/html,*/*;q=0.8"})
        assert answer.status_code == 404
        assert answer["Content-Type"].startswith("text/html")


def test_an_answer_in_no_format_we_have_is_not_acceptable(api):
    answer = api.get("/tags", headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert answer.json()["type"] == "urn:soroka:problem:not_acceptable"


def test_a_foreign_host_name_is_refused(api):
    answer = api.get("/tags", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:soroka:problem:bad_request"


RUSSIAN = {"Accept-Language": "ru"}


def test_conflicts_are_told_in_russian(api, make_mailing):
    mailing = make_mailing()  # for nobody, so that it is finished
    body = {"may_arrive_twice": True}
    resent = api.post(f"/mailings/{mailing['id']}/resend", body, format="json", headers=RUSSIAN)
    assert resent.json()["detail"] == "В этой рассылке нет сообщений под сомнением."
    paused = api.post(f"/mailings/{mailing['id']}/pause", headers=RUSSIAN)
    assert paused.json()["detail"] == "Рассылка завершена."


def test_a_token_that_is_no_good_is_told_in_russian(caller):
    answer = caller().get("/tags", headers=RUSSIAN | {"Authorization": "Bearer none"})
    assert (answer.status_code, answer.json()["detail"]) == (401, "Данный токен недействителен для любого типа токена")
