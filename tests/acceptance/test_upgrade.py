"""An upgrade while everything runs: the database is migrated, and workers of both releases send."""

import pytest

from tests.acceptance.conftest import ids_of, import_clients
from tests.acceptance.gateway import simulated_gateways
from tests.acceptance.installation import STOPPED_WITHIN, Installation
from tests.acceptance.previous_release import previous_release
from tests.acceptance.test_faults import counts, finished, send
from tests.acceptance.workers import worker_beside

#: Slow, and few at once: both are at it for a while.
LATENCY, CONNECTIONS = 0.5, 40


@pytest.fixture
def gateways(eventually):
    """That of the new workers and that of the old one: each shows who sent what."""
    with simulated_gateways(2, eventually) as gateways:
        for gateway in gateways:
            gateway.behave(latency=LATENCY)
        yield gateways


@pytest.fixture
def upgraded(gateways):
    """A stack of this release, with a worker of one pump: its database is what this release needs."""
    installation = Installation(**gateways[0].env, SOROKA_PUMPS="1")
    try:
        installation.start_ready()
        yield installation
    finally:
        installation.remove()


def test_workers_of_both_releases_share_a_mailing(upgraded, gateways, eventually, tmp_path):
    code = previous_release(tmp_path)
    env = {**gateways[1].env, "SOROKA_PUMPS": "2"}
    with upgraded.api() as api, worker_beside(upgraded, tmp_path, "previous", env, code) as previous:
        import_clients(api)
        upgraded.bear(CONNECTIONS)
        eventually(lambda: previous.ready, within=60, every=0.1)
        first = send(api, ["active"])
        ids = ids_of(api, first)
        for gateway in gateways:
            eventually(lambda which=gateway: len(which.accepted(ids)) >= CONNECTIONS, within=60, every=0.2)
        # Either of them plans: the second mailing is planned while both are there, and sent by the new one alone.
        second = send(api, ["vip"])
        previous.end(STOPPED_WITHIN)
        gateways[0].behave()
        statistics = [finished(api, mailing) for mailing in (first, second)]
        both = ids | ids_of(api, second)
    by_each = [gateway.accepted(both) for gateway in gateways]
    assert by_each[0] + by_each[1] == dict.fromkeys(both, 1)
    for told in statistics:
        assert counts(told) == {"total": told["total"], "in_process": 0, "delivered": told["total"], "not_sent": 0}
    assert "Traceback" not in previous.said
