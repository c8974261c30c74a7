"""The cap of a mailing: who has had enough messages gets none."""

import pytest

from soroka.domain.cap import Cap
from soroka.models import Mailing, Message
from tests.api.conftest import errors

ONCE = {"messages": 1, "days": 7}


@pytest.fixture
def service_cap(settings):
    settings.SEND_CAP = Cap(3, 7)


def test_who_has_had_enough_is_not_sent_and_told_why(api, gateway, make_clients, make_mailing):
    [anna] = make_clients(1)
    first = make_mailing(name="Весна")
    second = make_mailing(cap=ONCE)
    assert second["cap"] == ONCE
    assert second["statistics"] == {"total": 1, "in_process": 0, "delivered": 0, "not_sent": 1}
    [message] = api.get(f"/mailings/{second['id']}/messages").json()["results"]
    assert (message["status"], message["reason"]) == ("not_sent", "capped")
    why = api.get(f"/clients/{anna.pk}/why?mailing={second['id']}", headers={"Accept-Language": "en"}).json()
    assert (why["chosen"], why["verdict"], why["reason"]) == (True, "not_sent", "capped")
    counted = Message.objects.get(mailing=first["id"])
    assert [(step["title"], step["detail"]) for step in why["story"][-2:]] == [
        (f"Counts for the cap: message {counted.pk}", "Of the mailing Весна"),
        ("Not sent", "The cap was reached: at most 1 to one client within 7 × 24 hours."),
    ]
    statistics = api.get(f"/mailings/{second['id']}/statistics").json()
    assert statistics["not_sent_by_reason"] == {"capped": 1}


def test_a_preview_counts_whom_the_cap_leaves_out(api, gateway, vip, make_clients, make_mailing, mailing_body):
    make_clients(2, tag_ids=[vip.pk])
    make_clients(3)
    make_mailing(filter={"tags": ["vip"]})
    seen = api.post("/mailings/preview", mailing_body | {"cap": ONCE}, format="json").json()
    assert (seen["clients"], seen["capped"], seen["capped_exactly"]) == (5, 2, True)
    assert api.post("/mailings/preview", mailing_body, format="json").json()["capped"] == 0


def test_a_mailing_gets_the_cap_of_the_service(service_cap, gateway, make_clients, make_mailing):
    make_clients(1)
    assert make_mailing()["cap"] == {"messages": 3, "days": 7}
    assert make_mailing(cap=ONCE)["cap"] == ONCE
    assert make_mailing(lift_cap=True)["cap"] is None
    assert make_mailing(cap={"messages": 9, "days": 1}, lift_cap=True)["cap"] == {"messages": 9, "days": 1}


@pytest.mark.parametrize("cap", [{"messages": 4, "days": 7}, {"messages": 1, "days": 1}])
def test_it_exceeds_the_cap_of_the_service_only_where_it_says_so(service_cap, api, gateway, mailing_body, cap):
    answer = api.post("/mailings", mailing_body | {"cap": cap}, format="json")
    assert (answer.status_code, errors(answer)) == (400, {("cap", "exceeds_cap")})
    assert not Mailing.objects.exists()


@pytest.mark.parametrize(
    ("cap", "expected"),
    [
        ({"messages": 0, "days": 7}, ("cap.messages", "min_value")),
        ({"messages": 1, "days": 367}, ("cap.days", "max_value")),
        ({"messages": 1}, ("cap.days", "required")),
        ("3/7", ("cap", "invalid")),
    ],
)
def test_what_is_no_cap_names_its_field(api, gateway, mailing_body, cap, expected):
    answer = api.post("/mailings", mailing_body | {"cap": cap}, format="json")
    assert (answer.status_code, errors(answer)) == (400, {expected})


def test_what_was_read_may_be_sent_back_whatever_the_service_says_now(
    api, gateway, make_clients, make_mailing, settings
):
    make_clients(1)
    mailing = make_mailing()
    settings.SEND_CAP = Cap(1, 7)
    answer = api.put(f"/mailings/{mailing['id']}", mailing | {"name": "Весна", "segment": None}, format="json")
    assert answer.status_code == 200, answer.content
    assert (answer.json()["name"], answer.json()["cap"]) == ("Весна", None)


def test_a_change_names_both_numbers(api, gateway, make_mailing):
    mailing = make_mailing(cap=ONCE)
    answer = api.patch(f"/mailings/{mailing['id']}", {"cap": {"messages": 2}}, format="json")
    assert (answer.status_code, errors(answer)) == (400, {("cap.days", "required")})


def test_a_changed_cap_plans_anew(api, gateway, make_clients, make_mailing):
    make_clients(2)
    make_mailing()
    mailing = make_mailing(cap=ONCE)
    answer = api.patch(f"/mailings/{mailing['id']}", {"cap": {"messages": 2, "days": 7}}, format="json").json()
    assert answer["statistics"] == {"total": 2, "in_process": 2, "delivered": 0, "not_sent": 0}
