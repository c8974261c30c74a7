import json
from datetime import UTC, datetime, timedelta
from unittest.mock import ANY
from zoneinfo import ZoneInfo

import pytest

from soroka.api import mailing_writes
from soroka.models import Gateway, Mailing, Tag
from tests.api.conftest import errors

MOSCOW = ZoneInfo("Europe/Moscow")


def tomorrow(hour: int) -> datetime:
    day = datetime.now(MOSCOW) + timedelta(days=1)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


def test_it_makes_a_mailing_for_now_and_its_statistics_are_true_at_once(api, gateway, vip, make_clients, mailing_body):
    make_clients(2, tag_ids=[vip.pk])
    make_clients(1)
    answer = api.post(
        "/mailings", mailing_body | {"filter": {"tags": ["VIP"], "operator_codes": ["916"]}}, format="json"
    )
    assert answer.status_code == 201
    made = answer.json()
    assert answer["Location"].endswith(f"/mailings/{made['id']}")
    assert made == {
        "id": ANY,
        "name": "",
        "text": "Добрый день!",
        "filter": {"tags": ["vip"], "operator_codes": ["916"], "match": "any", "everyone": False},
        "segment": None,
        "starts_at": ANY,
        "ends_at": ANY,
        "local_time": False,
        "local_start": None,
        "local_end": None,
        "window": None,
        "widen_window": False,
        "gateway": "default",
        "fallbacks": [],
        "cap": None,
        "lift_cap": False,
        "messages_gone_at": None,
        "resend_of": None,
        "resent_by": None,
        "created_at": ANY,
        "status": "running",
        "statistics": {"total": 2, "in_process": 2, "delivered": 0, "not_sent": 0},
    }
    assert api.get(f"/mailings/{made['id']}").json() == made


def test_a_start_makes_it_local_and_the_answer_repeats_the_wall_clock(make_mailing, make_clients):
    make_clients(1)
    made = make_mailing(starts_at=tomorrow(10).isoformat(), ends_at=tomorrow(20).astimezone(UTC).isoformat())
    assert made["local_time"] is True
    assert made["local_start"] == tomorrow(10).strftime("%Y-%m-%dT10:00")
    assert made["local_end"] == tomorrow(20).strftime("%Y-%m-%dT20:00")
    assert made["status"] == "scheduled"


def test_a_time_without_an_offset_is_read_by_the_clocks_of_the_service(make_mailing):
    made = make_mailing(starts_at=tomorrow(10).strftime("%Y-%m-%d %H:%M:30"), ends_at=tomorrow(11).isoformat())
    assert made["starts_at"] == tomorrow(10).replace(second=30).isoformat()
    assert made["local_start"] == tomorrow(10).strftime("%Y-%m-%dT10:00:30")


def test_a_mailing_with_a_start_may_be_the_same_instant_for_everybody(make_mailing):
    made = make_mailing(starts_at=tomorrow(10).isoformat(), ends_at=tomorrow(11).isoformat(), local_time=False)
    assert (made["local_time"], made["local_start"]) == (False, None)


def test_all_of_the_tags_may_be_needed(make_mailing, make_clients, vip):
    other = Tag.objects.create(name="other")
    make_clients(1, tag_ids=[vip.pk])
    make_clients(1, tag_ids=[vip.pk, other.pk])
    assert make_mailing(filter={"tags": ["vip", "other"]})["statistics"]["total"] == 2
    made = make_mailing(filter={"tags": ["vip", "other"], "match": "all"})
    assert (made["filter"]["match"], made["statistics"]["total"]) == ("all", 1)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"text": None}, ("text", "null")),
        ({"text": "  "}, ("text", "blank")),
        ({"text": "x" * 2001}, ("text", "max_length")),
        ({"text": "a\x00b"}, ("text", "null_characters_not_allowed")),
        ({"text": "a\ud800b"}, ("text", "surrogate_characters_not_allowed")),
        ({"text": "Здравствуйте, {{ name"}, ("text", "bad_template")),
        ({"text": "{% if a %}"}, ("text", "bad_template")),
        ({"name": "x" * 201}, ("name", "max_length")),
        ({"filter": None}, ("filter", "null")),
        ({"filter": "vip"}, ("filter", "invalid")),
        ({"filter": {}}, ("filter", "restricts_nothing")),
        ({"filter": {"everyone": True, "tags": ["vip"]}}, ("filter", "restricts_everyone")),
        ({"filter": {"tags": ["vip", "nobody"]}}, ("filter.tags[1]", "unknown_tag")),
        ({"filter": {"tags": ["vip", 7.5]}}, ("filter.tags[1]", "invalid")),
        ({"filter": {"tags": ["vip", {}]}}, ("filter.tags[1]", "invalid")),
        ({"filter": {"operator_codes": ["916", "1"]}}, ("filter.operator_codes[1]", "invalid_operator_code")),
        ({"filter": {"tags": ["vip"], "match": "\ud800"}}, ("filter.match", "invalid_choice")),
        ({"starts_at": "soon"}, ("starts_at", "invalid_time")),
        ({"starts_at": 1764230400}, ("starts_at", "invalid_time")),
        ({"starts_at": "0001-01-01T00:00:00+03:00"}, ("starts_at", "invalid_time")),
        ({"starts_at": "1999-12-31T00:00:00+03:00"}, ("starts_at", "out_of_range")),
        ({"ends_at": None}, ("ends_at", "null")),
        ({"ends_at": "9999-12-31T23:59:59Z"}, ("ends_at", "out_of_range")),
        ({"ends_at": "2026-11-27"}, ("ends_at", "invalid_time")),
        ({"ends_at": "2020-01-01T00:00:00Z"}, ("ends_at", "ends_in_past")),
        ({"starts_at": "2099-01-02T00:00:00Z", "ends_at": "2099-01-01T00:00:00Z"}, ("ends_at", "ends_before_start")),
        ({"local_time": True}, ("local_time", "needs_start")),
        ({"local_time": "perhaps"}, ("local_time", "invalid")),
        ({"gateway": "nowhere"}, ("gateway", "unknown_gateway")),
        ({"gateway": "a\x00b"}, ("gateway", "null_characters_not_allowed")),
        ({"gateway": {}}, ("gateway", "invalid")),
    ],
)
@pytest.mark.usefixtures("gateway", "vip")
def test_it_names_the_field_that_is_wrong(api, mailing_body, body, expected):
    answer = api.post("/mailings", json.dumps(mailing_body | body), content_type="application/json")
    assert answer.status_code == 400
    assert errors(answer) == {expected}
    assert not Mailing.objects.exists()


def test_an_end_in_the_past_is_told_with_the_other_faults(api, gateway, mailing_body):
    body = mailing_body | {"text": "", "ends_at": "2020-01-01T00:00:00Z"}
    assert errors(api.post("/mailings", body, format="json")) == {("text", "blank"), ("ends_at", "ends_in_past")}


@pytest.mark.parametrize("body", [{}, [], "text", 1, None])
def test_a_body_that_is_no_mailing_is_refused(api, gateway, body):
    answer = api.post("/mailings", json.dumps(body), content_type="application/json")
    assert answer.status_code == 400
    assert errors(answer)


def test_pause_resume_and_cancel_answer_the_mailing_and_may_be_repeated(api, make_clients, make_mailing):
    make_clients(1)
    address = f"/mailings/{make_mailing()['id']}"
    for verb, status in [("pause", "paused"), ("resume", "running"), ("pause", "paused"), ("cancel", "cancelled")]:
        for _ in range(2):
            answer = api.post(f"{address}/{verb}")
            assert (answer.status_code, answer.json()["status"]) == (200, status)
        assert api.get(address).json()["status"] == status


def test_a_status_that_does_not_allow_it_is_a_conflict(api, make_clients, make_mailing):
    make_clients(1)
    address = f"/mailings/{make_mailing()['id']}"
    api.post(f"{address}/cancel")
    for verb in ("pause", "resume"):
        answer = api.post(f"{address}/{verb}")
        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:soroka:problem:not_allowed"
        assert "cancelled" in answer.json()["detail"]


@pytest.mark.parametrize("verb", ["pause", "resume", "cancel"])
def test_there_is_nothing_to_do_with_a_mailing_that_is_not_there(api, verb):
    assert api.post(f"/mailings/1/{verb}").status_code == 404


def test_a_large_audience_is_planned_in_the_background(api, make_clients, make_mailing, monkeypatch):
    rung = []
    monkeypatch.setattr(mailing_writes, "plan", lambda mailing_id, **budget: False)
    monkeypatch.setattr(mailing_writes, "ring_planning", rung.append)
    make_clients(1)
    made = make_mailing()
    assert (made["status"], made["statistics"]["total"]) == ("planning", 0)
    assert rung == [made["id"]]


def test_it_lists_mailings_with_a_fixed_number_of_queries(
    api, vip, make_clients, make_mailing, django_assert_num_queries
):
    make_clients(1, tag_ids=[vip.pk])
    Gateway.objects.create(name="backup")
    for number in range(6):
        make_mailing(name=f"number {number}", filter={"tags": ["vip"]}, fallbacks=["backup"])
    for size in (2, 6):
        with django_assert_num_queries(8):  # role, count, page, statuses, counts, resends, tags, fallbacks
            page = api.get(f"/mailings?page_size={size}").json()
        assert [row["statistics"]["total"] for row in page["results"]] == [1] * size


def test_it_searches_and_orders_mailings(api, make_mailing):
    for name in ("spring sale", "autumn sale", "news"):
        make_mailing(name=name)
    page = api.get("/mailings?search=sale&ordering=name").json()
    assert [row["name"] for row in page["results"]] == ["autumn sale", "spring sale"]


def test_pages_of_mailings_that_are_alike_neither_repeat_nor_lose_one(api, make_mailing):
    ids = {make_mailing(name="the same")["id"] for _ in range(7)}
    found, address = [], "/mailings?ordering=name&page_size=2"
    while address:
        page = api.get(address).json()
        found += [row["id"] for row in page["results"]]
        address = page["next"]
    assert found == sorted(ids)


def test_the_statistics_of_a_mailing_are_those_of_its_schema(api, make_clients, make_mailing):
    make_clients(1, operator_code=916)
    make_clients(2, operator_code=926)
    made = make_mailing()
    body = api.get(f"/mailings/{made['id']}/statistics").json()
    four = {"delivered": 0, "not_sent": 0}
    assert body == {
        "total": 3,
        "in_process": 3,
        **four,
        "not_sent_by_reason": {},
        "by_operator_code": {
            "916": {"total": 1, "in_process": 1, **four},
            "926": {"total": 2, "in_process": 2, **four},
        },
        "by_timezone": {"Europe/Moscow": {"total": 3, "in_process": 3, **four}},
        "first_offered_at": None,
        "last_settled_at": None,
        "per_minute": [],
        "lateness_seconds": {"p50": None, "p99": None, "max": None},
    }
    assert api.get("/mailings/999/statistics").status_code == 404


def test_the_overall_statistics_sum_all_mailings_on_every_page(api, make_clients, make_mailing):
    make_clients(2)
    first, second = make_mailing(name="one"), make_mailing(name="two")
    api.post(f"/mailings/{first['id']}/cancel")
    page = api.get("/mailing-statistics?page_size=1").json()
    assert page["mailings"]["total"] == 2
    assert (page["mailings"]["by_status"]["running"], page["mailings"]["by_status"]["cancelled"]) == (1, 1)
    assert page["messages"] == {"total": 4, "in_process": 4, "delivered": 0, "not_sent": 0}
    assert [row["id"] for row in page["results"]] == [second["id"]]
    assert page["results"][0]["statistics"]["total"] == 2
    assert api.get(page["next"]).json()["results"][0]["name"] == "one"
