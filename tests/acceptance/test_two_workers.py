"""Two hosts, as far as one machine can show them: workers that share a database and a broker, and nothing else."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests.acceptance.conftest import ids_of, import_clients
from tests.acceptance.gateway import SimulatedGateway
from tests.acceptance.installation import ROOT, STOPPED_WITHIN, Installation
from tests.acceptance.test_faults import counts, finished, send

#: So slow that one worker alone would need a minute, and that the other one comes and goes in the middle.
SLOW = 1.0


@pytest.fixture
def gateways(eventually):
    """Each worker's own, so that it shows who sent what."""
    gateways = [SimulatedGateway(), SimulatedGateway()]
    try:
        for gateway in gateways:
            eventually(gateway.answers, within=10)
            gateway.behave(latency=SLOW)
        yield gateways
    finally:
        for gateway in gateways:
            gateway.end()


@pytest.fixture
def first(gateways):
    """A whole stack, with a worker of one pump."""
    installation = Installation(**gateways[0].env, SOROKA_PUMPS="1", SOROKA_LEASE_SECONDS="6")
    try:
        installation.start_ready()
        yield installation
    finally:
        installation.remove()


@contextmanager
def second_worker(first, gateway, home):
    """A worker that was told nothing but what every host needs, and other numbers: two pumps and a longer lease."""
    secrets = json.loads((first.home / "secrets.json").read_text())
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "DATABASE_URL": f"postgresql://soroka@/postgres?host={first.home}/postgres/run",
        "REDIS_URL": f"unix://{first.home}/valkey/run/valkey.sock",
        "SECRET_KEY": secrets["secret_key"],
        **gateway.env,
        "SOROKA_PUMPS": "2",
        "SOROKA_LEASE_SECONDS": "9",
    }
    command = [sys.executable, "-m", "celery", "--app=soroka.config.celery", "worker", "--concurrency=4"]
    with (home / "log").open("wb") as log:
        worker = subprocess.Popen(
            [*command, "--without-mingle", "--without-gossip", "--hostname=second@%h"],
            cwd=home, env=env, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        yield worker
    finally:
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait(5)


def test_two_workers_share_a_mailing_and_one_may_leave_in_the_middle(first, gateways, eventually, tmp_path):
    with first.api() as api:
        import_clients(api)
        mailing = send(api, ["active"])
        ids = ids_of(api, mailing)
        eventually(lambda: gateways[0].accepted(ids), within=30)
        with second_worker(first, gateways[1], tmp_path) as second:
            eventually(lambda: len(gateways[1].accepted(ids)) >= 100, within=60, every=0.2)
            begun = len(gateways[0].accepted(ids))
            second.send_signal(signal.SIGTERM)
            assert second.wait(STOPPED_WITHIN) == 0, (tmp_path / "log").read_text()
        gateways[0].behave()
        statistics = finished(api, mailing)
    by_each = [gateway.accepted(ids) for gateway in gateways]
    assert 0 < begun < len(by_each[0])  # the first one sent before and after the second one left
    assert by_each[0] + by_each[1] == dict.fromkeys(ids, 1)
    assert counts(statistics) == {"total": len(ids), "in_process": 0, "delivered": len(ids), "not_sent": 0}
