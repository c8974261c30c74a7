"""``POST /mailings/preview``: what a mailing would do."""

from datetime import UTC, datetime, timedelta
from unittest.mock import ANY

import pytest

from soroka.models import Gateway, Mailing, Message, Zone
from tests.api.conftest import errors


def test_it_shows_whom_when_and_what_and_writes_nothing(api, gateway, vip, make_clients, mailing_body):
    [anna, *_] = make_clients(2, tag_ids=[vip.pk], attributes={"name": "Анна"})
    omsk = Zone.objects.create(name="Asia/Omsk")
    make_clients(3, operator_code=12, zone=omsk)
    make_clients(1, opted_out=True)
    start = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)
    body = mailing_body | {
        "text": "{{ name | default: 'Друг' }}, {{ tags | join: ',' }}",
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(hours=1)).isoformat(),
    }
    answer = api.post("/mailings/preview", body, format="json")
    assert answer.status_code == 200
    seen = answer.json()
    assert (seen["clients"], seen["by_operator_code"]) == (5, {"012": 3, "916": 2})
    assert [(zone["timezone"], zone["clients"], zone["expired"]) for zone in seen["by_timezone"]] == [
        ("Asia/Omsk", 3, False),
        ("Europe/Moscow", 2, False),
    ]
    assert datetime.fromisoformat(seen["by_timezone"][1]["due_at"]) == start
    assert datetime.fromisoformat(seen["by_timezone"][0]["due_at"]) == start - timedelta(hours=3)
    assert seen["samples"][0] == {
        "client": anna.pk,
        "phone": str(anna.phone),
        "text": "Анна, vip",
        "fault": "",
        "segments": {"encoding": "UCS-2", "units": 9, "segments": 1, "forced_by": ["А", "н", "а"]},
    }
    assert [sample["text"] for sample in seen["samples"]] == ["Анна, vip", "Анна, vip", "Друг, "]
    assert not Mailing.objects.exists()
    assert not Message.objects.exists()


def test_a_text_that_cannot_be_filled_in_says_why(api, gateway, make_clients, mailing_body):
    make_clients(1, attributes={"name": "x" * 1000})
    body = mailing_body | {"text": "{{ name }}{{ name }}{{ name }}"}
    [sample] = api.post("/mailings/preview", body, format="json").json()["samples"]
    assert sample == {"client": ANY, "phone": ANY, "text": None, "fault": ANY, "segments": None}
    assert "longer than 2000" in sample["fault"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"text": "{{ name"}, ("text", "bad_template")),
        ({"filter": {}}, ("filter", "restricts_nothing")),
        ({"ends_at": "2020-01-01T00:00:00Z"}, ("ends_at", "ends_in_past")),
        ({"starts_at": "2099-01-02T00:00:00Z", "ends_at": "2099-01-01T00:00:00Z"}, ("ends_at", "ends_before_start")),
    ],
)
def test_it_refuses_what_a_mailing_is_refused_for(api, gateway, mailing_body, body, expected):
    answer = api.post("/mailings/preview", mailing_body | body, format="json")
    assert answer.status_code == 400
    assert errors(answer) == {expected}


def test_it_forecasts_the_end_and_warns(api, gateway, make_clients, mailing_body):
    Gateway.objects.update(rate=1, burst=10)
    make_clients(30)
    seen = api.post("/mailings/preview", mailing_body, format="json", headers={"Accept-Language": "en"}).json()
    forecast, told = seen["forecast"], datetime.now(UTC)
    assert (forecast["speed"], forecast["measured"], forecast["queued"], forecast["expired"]) == (1, False, 0, 0)
    assert abs((datetime.fromisoformat(forecast["ends_at"]) - told).total_seconds() - 30) < 5
    [zone] = forecast["timeline"]
    assert (zone["timezone"], zone["expired"], sum(each["messages"] for each in zone["quarters"])) == (
        "Europe/Moscow", 0, 30,
    )  # fmt: skip
    assert seen["warnings"] == []
    body = mailing_body | {"ends_at": (told + timedelta(seconds=10)).isoformat()}
    [warning] = api.post("/mailings/preview", body, format="json", headers={"Accept-Language": "en"}).json()["warnings"]
    assert warning == {
        "code": "deadline",
        "words": "The gateway does not let all of these through before their deadline.",
        "clients": ANY,
        "timezones": ["Europe/Moscow"],
    }
    assert 22 <= warning["clients"] <= 26  # in the last seconds before the end no call is begun
