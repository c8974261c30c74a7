"""The hours at which clients may be written to: as they are asked for, refused, kept and shown."""

from datetime import date

import pytest

from soroka.domain.send_window import SendWindow
from tests.api.conftest import errors

DAYTIME = {"from": "09:00", "to": "21:00", "days": [1, 2, 3, 4, 5, 6, 7], "holidays": []}


@pytest.fixture
def service(settings):
    """The service's window, by weekdays, and a holiday."""
    settings.HOLIDAYS = frozenset({date(2035, 1, 1)})
    settings.SEND_WINDOW = SendWindow.parse("09:00-21:00 1-5", settings.HOLIDAYS)
    return {"from": "09:00", "to": "21:00", "days": [1, 2, 3, 4, 5], "holidays": ["2035-01-01"]}


def test_no_hours_are_kept_unless_somebody_asks_for_them(make_mailing):
    assert (make_mailing()["window"], make_mailing()["widen_window"]) == (None, False)
    assert make_mailing(window=None)["window"] is None


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({"from": "09:00", "to": "21:00"}, {}),
        ({"from": "09:00", "to": "21:00", "days": [5, 1, 5]}, {"days": [1, 5]}),
        ({"from": "21:30", "to": "06:15"}, {"from": "21:30", "to": "06:15"}),
        ({"from": "18:00", "to": "00:00"}, {"from": "18:00", "to": "24:00"}),
        ({"from": "09:00", "to": "21:00", "holidays": ["2035-05-09", "2035-01-01"]},
         {"holidays": ["2035-01-01", "2035-05-09"]}),
    ],
)  # fmt: skip
def test_it_keeps_the_hours_of_a_mailing(api, make_mailing, asked, shown):
    made = make_mailing(window=asked)
    assert made["window"] == DAYTIME | shown
    assert api.get(f"/mailings/{made['id']}").json()["window"] == made["window"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("09:00-21:00", {("window", "invalid")}),
        ([], {("window", "invalid")}),
        ({}, {("window.from", "required"), ("window.to", "required")}),
        ({"from": "9:00", "to": "21:00"}, {("window.from", "invalid_hour")}),
        ({"from": "09:00", "to": "25:00"}, {("window.to", "invalid_hour")}),
        ({"from": "09:00", "to": "21:00:00"}, {("window.to", "invalid_hour")}),
        ({"from": "٠٩:٠٠", "to": "21:00"}, {("window.from", "invalid_hour")}),
        ({"from": 9, "to": "21:00"}, {("window.from", "invalid")}),
        ({"from": "09\x0000", "to": "21:00"}, {("window.from", "invalid_hour")}),
        ({"from": "24:00", "to": "21:00"}, {("window.to", "invalid_hour")}),
        ({"from": "09:00", "to": "09:00"}, {("window.to", "invalid_hour")}),
        ({"from": "09:00", "to": "21:00", "days": []}, {("window.days", "empty")}),
        ({"from": "09:00", "to": "21:00", "days": [1, 0]}, {("window.days[1]", "min_value")}),
        ({"from": "09:00", "to": "21:00", "days": [1, 8]}, {("window.days[1]", "max_value")}),
        ({"from": "09:00", "to": "21:00", "days": ["mon"]}, {("window.days[0]", "invalid")}),
        ({"from": "09:00", "to": "21:00", "days": "12"}, {("window.days", "not_a_list")}),
        ({"from": "09:00", "to": "21:00", "days": [1] * 8}, {("window.days", "max_length")}),
        ({"from": "09:00", "to": "21:00", "day": [1]}, {("window.day", "unknown")}),
        ({"from": "09:00", "to": "21:00", "holidays": ["2035-02-30"]}, {("window.holidays[0]", "invalid")}),
        ({"from": "09:00", "to": "21:00", "holidays": ["2035-01-01"] * 1001}, {("window.holidays", "max_length")}),
    ],
)  # fmt: skip
def test_it_refuses_what_is_no_window_and_names_the_path(api, gateway, mailing_body, asked, expected):
    answer = api.post("/mailings", mailing_body | {"window": asked}, format="json")
    assert answer.status_code == 400
    assert errors(answer) == expected


def test_a_mailing_that_says_nothing_has_the_hours_of_the_service(service, make_mailing):
    assert make_mailing()["window"] == service
    assert make_mailing(window={"from": "10:00", "to": "11:00", "days": [1]})["window"]["holidays"] == ["2035-01-01"]


def test_what_the_service_holds_later_changes_nothing_for_what_is_there(api, service, settings, make_mailing):
    made = make_mailing()
    settings.SEND_WINDOW = SendWindow.parse("10:00-11:00")
    assert api.get(f"/mailings/{made['id']}").json()["window"] == service
    answer = api.patch(f"/mailings/{made['id']}", {"name": "x"}, format="json")
    assert (answer.status_code, answer.json()["window"]) == (200, service)
    sent_back = api.put(f"/mailings/{made['id']}", answer.json() | {"name": "y"}, format="json")
    assert (sent_back.status_code, sent_back.json()["window"]) == (200, service)


@pytest.mark.parametrize(
    "asked",
    [None, DAYTIME, {"from": "08:59", "to": "20:00", "days": [1]}, {"from": "21:00", "to": "09:00", "days": [1]},
     {"from": "10:00", "to": "11:00", "days": [1], "holidays": []}],
)  # fmt: skip
def test_wider_hours_than_the_services_need_a_word(api, gateway, service, mailing_body, asked):
    body = mailing_body | {"window": asked}
    answer = api.post("/mailings", body, format="json")
    assert (answer.status_code, errors(answer)) == (400, {("window", "wider_window")})
    assert "09:00-21:00 1,2,3,4,5" in answer.json()["errors"][0]["message"]
    made = api.post("/mailings", body | {"widen_window": True}, format="json").json()
    assert made["widen_window"] is True
    assert made["window"] == (asked and {"holidays": ["2035-01-01"]} | asked)


def test_a_change_to_wider_hours_needs_the_word_as_well(api, service, make_mailing):
    path = f"/mailings/{make_mailing()['id']}"
    wide = {"window": DAYTIME}
    assert errors(api.patch(path, wide, format="json")) == {("window", "wider_window")}
    assert api.patch(path, wide | {"widen_window": True}, format="json").json()["window"] == DAYTIME
    assert errors(api.patch(path, {"widen_window": False}, format="json")) == {("window", "wider_window")}
    narrow = {"window": {"from": "10:00", "to": "12:00", "days": [2]}, "widen_window": False}
    assert api.patch(path, narrow, format="json").json()["window"] == service | narrow["window"]


def test_other_hours_are_another_plan_until_somebody_was_written_to(api, make_clients, make_mailing):
    make_clients(1)
    made = make_mailing()
    changed = api.patch(f"/mailings/{made['id']}", {"window": {"from": "09:00", "to": "21:00"}}, format="json").json()
    assert changed["window"] == DAYTIME
    [message] = api.get(f"/mailings/{made['id']}/messages").json()["results"]
    assert message["expires_at"] == made["ends_at"]


def test_a_preview_is_judged_alike(api, gateway, service, mailing_body, make_clients):
    make_clients(1)
    answer = api.post("/mailings/preview", mailing_body | {"window": None}, format="json")
    assert errors(answer) == {("window", "wider_window")}
    assert api.post("/mailings/preview", mailing_body, format="json").status_code == 200
