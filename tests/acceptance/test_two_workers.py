"""Two hosts, as far as one machine can show them: workers that share a database and a broker, and nothing else."""

import pytest

from tests.acceptance.conftest import ids_of, import_clients
from tests.acceptance.gateway import simulated_gateways
from tests.acceptance.installation import STOPPED_WITHIN, Installation
from tests.acceptance.test_faults import counts, finished, send
from tests.acceptance.workers import worker_beside

#: Other numbers than the first worker's: two pumps and a longer lease.
OTHERWISE = {"SOROKA_PUMPS": "2", "SOROKA_LEASE_SECONDS": "9"}
#: So slow, and so few at once, that one worker alone would need a minute: the other one comes and goes in the middle.
SLOW, CONNECTIONS = 1.0, 50


@pytest.fixture
def gateways(eventually):
    """Each worker's own, so that it shows who sent what."""
    with simulated_gateways(2, eventually) as gateways:
        for gateway in gateways:
            gateway.behave(latency=SLOW)
        yield gateways


@pytest.fixture
def first(gateways):
    """A whole stack, with a worker of one pump."""
    installation = Installation(**gateways[0].env, SOROKA_PUMPS="1", SOROKA_LEASE_SECONDS="6")
    try:
        installation.start_ready()
        yield installation
    finally:
        installation.remove()


def test_two_workers_share_a_mailing_and_one_may_leave_in_the_middle(first, gateways, eventually, tmp_path):
    with first.api() as api:
        import_clients(api)
        first.bear(CONNECTIONS)
        mailing = send(api, ["active"])
        ids = ids_of(api, mailing)
        eventually(lambda: gateways[0].accepted(ids), within=30)
        with worker_beside(first, tmp_path, "second", {**gateways[1].env, **OTHERWISE}) as second:
            eventually(lambda: len(gateways[1].accepted(ids)) >= 100, within=60, every=0.2)
            begun = len(gateways[0].accepted(ids))
            second.end(STOPPED_WITHIN)
        gateways[0].behave()
        statistics = finished(api, mailing)
    by_each = [gateway.accepted(ids) for gateway in gateways]
    assert 0 < begun < len(by_each[0])  # the first one sent before and after the second one left
    assert by_each[0] + by_each[1] == dict.fromkeys(ids, 1)
    assert counts(statistics) == {"total": len(ids), "in_process": 0, "delivered": len(ids), "not_sent": 0}
