"""What a preview forecasts is what then happens at a gateway with a rate."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.acceptance.conftest import import_clients, in_seconds
from tests.acceptance.installation import Installation
from tests.acceptance.test_pace import set_limit

RATE, BURST = 200, 200
#: The share by which a forecast may be wrong.
WRONG = 0.05
#: The same of the speed of one mailing to the next: beside the machine's load, the burst counts in a short one.
SPEED_WRONG = 0.2
#: Seconds: of the shortest mailing, and those before its end in which no call is begun.
DEADLINE, TRANSIT = 35, 3.5
EVERYONE = {"text": "x", "filter": {"everyone": True}}


@pytest.fixture
def limited_stack(limited):
    installation = Installation(**limited.env)
    try:
        installation.start_ready()
        set_limit(installation, rate=RATE, burst=BURST)
        with installation.api() as api:
            import_clients(api)
        yield installation
    finally:
        installation.remove()


def hours_of_some() -> dict[str, str]:
    """A window by the client's clock that is open now in Moscow and the zones within two hours of it only."""
    now, half = datetime.now(ZoneInfo("Europe/Moscow")), timedelta(hours=2, minutes=30)
    return {"from": f"{now - half:%H:%M}", "to": f"{now + half:%H:%M}"}


def send(api: Any, **fields: Any) -> dict[str, Any]:
    mailing = api.post("/mailings", EVERYONE | fields)
    api.wait_for(f"/mailings/{mailing['id']}", lambda found: found["status"] == "finished", 300)
    return api.get(f"/mailings/{mailing['id']}/statistics")


def test_a_forecast_is_right_within_a_twentieth(limited_stack):
    """By the speed that there then was: how much of the gateway's pace the pumps lose changes with the machine's load.

    So the model is held to a twentieth, and the speed that it takes for granted to less.
    """
    with limited_stack.api() as api:
        send(api, ends_at=in_seconds(600))  # so that the speed is known as it is on this machine
        fields = {"window": hours_of_some(), "ends_at": in_seconds(600)}
        begin = datetime.now(UTC)
        forecast = api.post("/mailings/preview", EVERYONE | fields)["forecast"]
        came = send(api, **fields)
        moments = (came["last_settled_at"], forecast["ends_at"], came["first_offered_at"])
        took, foretold, first = ((datetime.fromisoformat(at) - begin).total_seconds() for at in moments)
        speed = came["delivered"] / (took - first)
        print(f"took {took:.1f} s at {speed:.0f} a second, foretold {foretold:.1f} s at {forecast['speed']:.0f}")
        assert speed == pytest.approx(forecast["speed"], rel=SPEED_WRONG)
        assert took == pytest.approx(foretold * forecast["speed"] / speed, rel=WRONG)
        assert came["not_sent"] == forecast["expired"] > 0

        fields = {"ends_at": in_seconds(DEADLINE)}
        forecast = api.post("/mailings/preview", EVERYONE | fields)["forecast"]
        came = send(api, **fields)
        in_time = came["total"] - forecast["expired"]
        print(f"{came['delivered']} came in time, foretold {in_time} at {forecast['speed']:.0f} a second")
        assert in_time == pytest.approx(forecast["speed"] * (DEADLINE - TRANSIT), rel=WRONG)
        assert came["delivered"] == pytest.approx(in_time, rel=SPEED_WRONG)
