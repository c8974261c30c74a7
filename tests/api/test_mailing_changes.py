"""PUT, PATCH and DELETE of mailings: anything before the first offer, little after it."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from soroka.models import Batch, Mailing, Message, Tag
from tests.api.conftest import errors


def after(**delta: float) -> datetime:
    return (datetime.now(UTC) + timedelta(**delta)).replace(microsecond=0)


def address_of(mailing: dict) -> str:
    return f"/mailings/{mailing['id']}"


def offer_something() -> None:
    Batch.objects.update(first_offered_at=datetime.now(UTC))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_patch_changes_what_it_names_and_plans_the_audience_anew(api, vip, make_clients, make_mailing):
    make_clients(2, tag_ids=[vip.pk])
    make_clients(3, operator_code=926)
    made = make_mailing(name="sale")
    answer = api.patch(address_of(made), {"filter": {"tags": ["vip"]}}, format="json")
    assert answer.status_code == 200
    assert answer.json() == made | {
        "filter": {"tags": ["vip"], "operator_codes": [], "match": "any", "everyone": False},
        "statistics": {"total": 2, "in_process": 2, "delivered": 0, "not_sent": 0},
    }
    assert api.get(address_of(made)).json() == answer.json()


def test_a_filter_is_replaced_as_a_whole(api, vip, make_clients, make_mailing):
    make_clients(1, operator_code=926)
    made = make_mailing(filter={"tags": ["vip"], "match": "all"})
    changed = api.patch(address_of(made), {"filter": {"operator_codes": ["926"]}}, format="json").json()
    assert changed["filter"] == {"tags": [], "operator_codes": ["926"], "match": "any", "everyone": False}
    assert changed["statistics"]["total"] == 1


def test_a_put_sets_what_is_left_out_to_its_default(api, make_clients, make_mailing, mailing_body):
    make_clients(1)
    made = make_mailing(name="sale", starts_at=after(days=1).isoformat(), ends_at=after(days=2).isoformat())
    changed = api.put(address_of(made), mailing_body, format="json").json()
    assert (changed["name"], changed["local_time"], changed["local_start"]) == ("", False, None)
    assert moment(changed["starts_at"]) <= datetime.now(UTC)
    assert changed["status"] == "running"


def test_the_same_put_again_changes_nothing(api, make_clients, make_mailing, mailing_body):
    make_clients(2)
    made = make_mailing()
    messages = set(Message.objects.values_list("pk", flat=True))
    offer_something()
    for _ in range(2):
        assert api.put(address_of(made), mailing_body, format="json").json() == made
    assert set(Message.objects.values_list("pk", flat=True)) == messages


def test_what_was_read_can_be_put_back(api, make_mailing):
    made = make_mailing(name="sale", starts_at=after(days=1).isoformat(), ends_at=after(days=2).isoformat())
    assert api.put(address_of(made), made, format="json").json() == made


def test_a_start_moves_and_everybody_with_it(api, make_clients, make_mailing):
    make_clients(2)
    made = make_mailing(starts_at=after(days=1).isoformat(), ends_at=after(days=3).isoformat())
    start = after(days=2)
    changed = api.patch(address_of(made), {"starts_at": start.isoformat()}, format="json").json()
    assert (changed["local_time"], changed["status"]) == (True, "scheduled")
    assert set(Batch.objects.filter(mailing=made["id"]).values_list("due_at", flat=True)) == {start}


def test_a_start_that_is_taken_away_is_now_for_everybody(api, make_clients, make_mailing):
    make_clients(1)
    made = make_mailing(starts_at=after(days=1).isoformat(), ends_at=after(days=2).isoformat())
    changed = api.patch(address_of(made), {"starts_at": None}, format="json").json()
    assert (changed["local_time"], changed["status"]) == (False, "running")


def test_after_the_first_offer_the_name_and_the_end_still_change(api, make_clients, make_mailing):
    make_clients(2)
    made = make_mailing()
    offer_something()
    end = after(days=5)
    changed = api.patch(address_of(made), {"name": "new", "ends_at": end.isoformat()}, format="json").json()
    assert (changed["name"], moment(changed["ends_at"])) == ("new", end)
    assert set(Batch.objects.values_list("expires_at", flat=True)) == {end}


@pytest.mark.parametrize(
    "change",
    [{"text": "Другой текст"}, {"filter": {"operator_codes": ["999"]}}, {"starts_at": "2030-01-01T10:00"}],
)
def test_after_the_first_offer_nothing_else_does(api, make_clients, make_mailing, change):
    make_clients(1)
    made = make_mailing(ends_at="2040-01-01T00:00:00+00:00")
    offer_something()
    answer = api.patch(address_of(made), change | {"name": "new"}, format="json")
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:soroka:problem:not_allowed"
    assert api.get(address_of(made)).json() == made


def test_a_cancelled_mailing_keeps_its_end(api, make_clients, make_mailing):
    make_clients(1)
    made = make_mailing()
    api.post(f"{address_of(made)}/cancel")
    assert api.patch(address_of(made), {"ends_at": after(days=5).isoformat()}, format="json").status_code == 409
    assert api.patch(address_of(made), {"name": "new"}, format="json").json()["name"] == "new"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"text": None}, ("text", "null")),
        ({"text": "{{ name"}, ("text", "bad_template")),
        ({"filter": {}}, ("filter", "restricts_nothing")),
        ({"filter": {"tags": ["nobody"]}}, ("filter.tags[0]", "unknown_tag")),
        ({"ends_at": "2020-01-01T00:00:00Z"}, ("ends_at", "ends_in_past")),
        ({"ends_at": None}, ("ends_at", "null")),
        ({"starts_at": "2099-01-01T00:00:00Z"}, ("ends_at", "ends_before_start")),
        ({"starts_at": None, "local_time": True}, ("local_time", "needs_start")),
        ({"gateway": "nowhere"}, ("gateway", "unknown_gateway")),
    ],
)
def test_a_change_names_the_field_that_is_wrong(api, make_clients, make_mailing, body, expected):
    make_clients(1)
    made = make_mailing(starts_at=after(days=1).isoformat(), ends_at=after(days=2).isoformat())
    answer = api.patch(address_of(made), json.dumps(body), content_type="application/json")
    assert answer.status_code == 400, answer.content
    assert errors(answer) == {expected}
    assert api.get(address_of(made)).json() == made


def test_a_mailing_whose_end_has_passed_can_still_be_renamed(api, make_mailing):
    made = make_mailing()
    Mailing.objects.update(starts_at=after(days=-2), ends_at=after(days=-1))
    assert api.patch(address_of(made), {"name": "old"}, format="json").status_code == 200
    whole = api.get(address_of(made)).json() | {"name": "older"}
    assert api.put(address_of(made), whole, format="json").json()["name"] == "older"


def test_a_mailing_that_names_a_removed_tag_can_still_be_renamed(api, vip, make_mailing):
    made = make_mailing(filter={"tags": ["vip"]})
    Tag.objects.all().delete()
    assert api.patch(address_of(made), {"name": "new"}, format="json").json()["name"] == "new"


def test_a_mailing_of_which_nothing_was_offered_can_be_removed(api, make_clients, make_mailing):
    make_clients(2)
    made = make_mailing()
    message = Message.objects.first().pk
    assert api.delete(address_of(made)).status_code == 204
    for gone in (address_of(made), f"{address_of(made)}/messages", f"/messages/{message}"):
        assert api.get(gone).status_code == 404
    assert api.get("/messages").json()["results"] == []
    assert api.get("/mailing-statistics").json()["messages"]["total"] == 0


def test_a_mailing_of_which_something_was_offered_is_cancelled_instead(api, make_clients, make_mailing):
    make_clients(1)
    made = make_mailing()
    offer_something()
    answer = api.delete(address_of(made))
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:soroka:problem:not_allowed")
    assert "cancel" in answer.json()["detail"]
    assert api.get(address_of(made)).json() == made


def test_messages_of_a_mailing_that_is_being_planned_anew_are_not_shown(api, make_clients, make_mailing):
    make_clients(2)
    first, second = make_mailing(), make_mailing()
    [message] = Message.objects.filter(mailing=first["id"])[:1]
    Batch.objects.filter(mailing=first["id"]).delete()
    assert {row["mailing"] for row in api.get("/messages").json()["results"]} == {second["id"]}
    assert api.get(f"/mailings/{first['id']}/messages").json()["results"] == []
    assert api.get(f"/messages/{message.pk}").status_code == 404


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_there_is_nothing_to_change_where_no_mailing_is(api, method, mailing_body):
    assert getattr(api, method)("/mailings/1", mailing_body, format="json").status_code == 404
