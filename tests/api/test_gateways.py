from datetime import UTC, datetime

import pytest

from soroka.models import Gateway


def test_it_lists_the_gateways_and_how_they_fare(api, gateway):
    Gateway.objects.create(name="second", trouble=3, last_error="503")
    stopped = Gateway.objects.create(name="third", idempotent=False, stopped_at=datetime.now(UTC), last_error="401")
    page = api.get("/gateways?ordering=-name").json()
    assert page["count"] == 3
    assert [(row["name"], row["state"]) for row in page["results"]] == [
        ("third", "stopped"),
        ("second", "failing"),
        ("default", "working"),
    ]
    shown = api.get(f"/gateways/{stopped.pk}").json()
    assert shown.pop("stopped_at")
    assert shown == {
        "id": stopped.pk,
        "name": "third",
        "kind": "http_jwt",
        "idempotent": False,
        "connections": 200,
        "rate": None,
        "burst": 10,
        "max_tries": 5,
        "backoff_base": 0.5,
        "backoff_cap": 300.0,
        "jitter": 1.0,
        "takes_replies": False,
        "state": "stopped",
        "paused_until": None,
        "last_error": "401",
    }
    assert [row["name"] for row in api.get("/gateways?search=SEC").json()["results"]] == ["second"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_they_are_changed_in_the_admin_only(caller, gateway, method):
    api = caller("admin")
    for address in ("/gateways", f"/gateways/{gateway.pk}"):
        assert getattr(api, method)(address, {}, format="json").status_code == 405
