"""A mailing names the gateways that take over from its first one."""

from datetime import UTC, datetime, timedelta

import pytest

from soroka.models import Batch, Gateway, Mailing
from tests.api.conftest import errors


@pytest.fixture
def others(gateway) -> list[Gateway]:
    return [Gateway.objects.create(name=name) for name in ("backup", "third")]


def test_a_mailing_keeps_its_fallbacks_in_order(api, make_mailing, others):
    made = make_mailing(fallbacks=["third", "backup"])
    assert made["fallbacks"] == ["third", "backup"]
    assert api.get(f"/mailings/{made['id']}").json()["fallbacks"] == ["third", "backup"]
    assert Mailing.objects.get().fallbacks == [others[1].pk, others[0].pk]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"fallbacks": ["backup", "nowhere"]}, ("fallbacks[1]", "unknown_gateway")),
        ({"fallbacks": ["backup", "backup"]}, ("fallbacks[1]", "repeated")),
        ({"fallbacks": ["backup", "default"]}, ("fallbacks", "own_fallback")),
        ({"gateway": "backup", "fallbacks": ["backup"]}, ("fallbacks", "own_fallback")),
        ({"fallbacks": ["third"] * 11}, ("fallbacks", "max_length")),
        ({"fallbacks": "backup"}, ("fallbacks", "not_a_list")),
        ({"fallbacks": [None]}, ("fallbacks[0]", "null")),
        ({"fallbacks": None}, ("fallbacks", "null")),
    ],
)
def test_it_names_what_is_wrong(api, mailing_body, others, body, expected):
    for address in ("/mailings", "/mailings/preview"):
        answer = api.post(address, mailing_body | body, format="json")
        assert answer.status_code == 400
        assert errors(answer) == {expected}
    assert not Mailing.objects.exists()


def test_a_preview_takes_them(api, mailing_body, others):
    assert api.post("/mailings/preview", mailing_body | {"fallbacks": ["third"]}, format="json").status_code == 200


def test_they_change_until_the_first_offer(api, make_clients, make_mailing, others):
    make_clients(1)
    address = f"/mailings/{make_mailing(fallbacks=['backup'])['id']}"
    assert api.patch(address, {"fallbacks": ["third", "backup"]}, format="json").json()["fallbacks"][0] == "third"
    assert api.patch(address, {"name": "new"}, format="json").json()["fallbacks"] == ["third", "backup"]
    Batch.objects.filter(mailing__gt=0).update(first_offered_at=datetime.now(UTC))
    assert api.patch(address, {"fallbacks": []}, format="json").status_code == 409
    assert api.patch(address, {"fallbacks": ["third", "backup"]}, format="json").status_code == 200


@pytest.mark.parametrize(
    ("change", "field"), [({"gateway": "backup"}, "gateway"), ({"fallbacks": ["default"]}, "fallbacks")]
)
def test_a_change_may_not_make_a_gateway_its_own_fallback(api, make_mailing, others, change, field):
    made = make_mailing(fallbacks=["backup"])
    answer = api.patch(f"/mailings/{made['id']}", change, format="json")
    assert errors(answer) == {(field, "own_fallback")}


def test_a_fallback_that_was_removed_shows_its_number(api, make_mailing, others):
    made = make_mailing(fallbacks=["backup", "third"])
    gone = others[0].pk
    others[0].delete()
    assert api.get(f"/mailings/{made['id']}").json()["fallbacks"] == [f"#{gone}", "third"]


def test_a_request_that_comes_again_must_name_the_same_ones(api, mailing_body, others):
    key = {"Idempotency-Key": "order-1"}
    first = api.post("/mailings", mailing_body | {"fallbacks": ["backup"]}, format="json", headers=key)
    assert api.post("/mailings", mailing_body | {"fallbacks": ["backup"]}, format="json", headers=key).json() == (
        first.json()
    )
    assert api.post("/mailings", mailing_body, format="json", headers=key).status_code == 409


def test_a_gateway_tells_until_when_it_is_left_alone(api, gateway):
    until = datetime.now(UTC) + timedelta(minutes=5)
    Gateway.objects.update(paused_until=until, trouble=1, last_error="HTTP 429")
    shown = api.get(f"/gateways/{gateway.pk}").json()
    assert (shown["state"], shown["last_error"]) == ("failing", "HTTP 429")
    assert datetime.fromisoformat(shown["paused_until"]) == until
