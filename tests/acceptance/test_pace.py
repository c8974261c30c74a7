"""Eight pumps and one gateway with a limit: what it sees by its own record, whatever becomes of Valkey."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis

from tests.acceptance.conftest import ids_of, import_clients, in_seconds
from tests.acceptance.installation import Installation
from tests.seconds import most_in_a_second
from tests.valkey import OwnValkey

RATE, BURST = 150, 75
#: Seconds after which nothing that was reserved before can still arrive.
RESERVED = 1.5


@pytest.fixture
def valkey():
    server = OwnValkey()
    yield server
    server.remove()


@pytest.fixture
def pumps(limited, valkey):
    """A stack with eight pumps and the sample clients."""
    installation = Installation(**limited.env, SOROKA_PUMPS="8", REDIS_URL=valkey.url)
    try:
        installation.start_ready()
        with installation.api() as api:
            import_clients(api)
        yield installation
    finally:
        installation.remove()


def set_limit(installation: Installation, **limits: float) -> None:
    environment = Path(f"/proc/{installation.pid_of('celery', ' worker')}/environ").read_text()
    change = f"from soroka.models import Gateway; Gateway.objects.update(**{limits!r})"
    subprocess.run(
        [sys.executable, "-m", "soroka", "manage", "shell", "-v0", "-c", change],
        env=dict(variable.split("=", 1) for variable in environment.split("\0") if variable),
        cwd=Path(__file__).parents[2], timeout=60, check=True,
    )  # fmt: skip


def between(times: list[float], begin: float, end: float) -> list[float]:
    return [at for at in times if begin <= at < end]


def go_on(seconds: float) -> float:
    """Let the gateway's clock go on; what it shows then."""
    time.sleep(seconds)
    return time.time()


def test_the_gateway_never_sees_more_than_its_limit(pumps, limited, valkey, eventually):
    set_limit(pumps, rate=RATE, burst=BURST)
    with pumps.api() as api:
        mailing = api.post("/mailings", {"text": "…", "filter": {"everyone": True}, "ends_at": in_seconds(3600)})
        path = f"/mailings/{mailing['id']}"
        api.wait_for(path, lambda answer: answer["statistics"]["delivered"] > RATE, 30)
        begun, undisturbed = time.time(), go_on(8)
        redis.Redis.from_url(valkey.url).flushall()
        emptied = go_on(3)
        valkey.kill()
        away = go_on(4)
        valkey.start()
        ids = ids_of(api, mailing["id"])
        eventually(lambda: limited.calls(ids)[-1]["at"] > away, within=10)
        ended = go_on(3)
        api.post(f"{path}/cancel", {})
        cancelled = time.time()
        api.wait_for(path, lambda answer: answer["statistics"]["in_process"] == 0, 30)
        times = [call["at"] for call in limited.calls(ids)]
    assert most_in_a_second(times) <= RATE + BURST
    assert len(between(times, begun, undisturbed)) >= 0.9 * RATE * (undisturbed - begun)
    assert between(times, emptied + RESERVED, away) == []
    assert between(times, away, ended) != []
    assert max(times) <= cancelled + 2
