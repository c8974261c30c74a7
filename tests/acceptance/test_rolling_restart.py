"""Workers come and go in the middle of a mailing, as in a rolling restart."""

from contextlib import ExitStack

import pytest

from tests.acceptance.conftest import ids_of, import_clients
from tests.acceptance.installation import STOPPED_WITHIN, Installation
from tests.acceptance.test_faults import counts, finished, send
from tests.acceptance.workers import worker_beside

RESTARTS = 10
#: A second a call, and few at once: every worker is stopped with calls in flight, and the mailing outlasts them all.
LATENCY, CONNECTIONS = 1.0, 20


@pytest.fixture
def first(limited):
    installation = Installation(**limited.env, SOROKA_PUMPS="1", SOROKA_LEASE_SECONDS="30")
    try:
        installation.start_ready()
        yield installation
    finally:
        installation.remove()


def test_ten_restarts_in_the_middle_of_a_mailing_send_nothing_twice(first, limited, eventually, tmp_path):
    limited.behave(latency=LATENCY)
    with first.api() as api, ExitStack() as workers:

        def worker(number):
            env = {**limited.env, "SOROKA_PUMPS": "2", "SOROKA_LEASE_SECONDS": "30"}
            return workers.enter_context(worker_beside(first, tmp_path, f"rolling-{number}", env))

        def restart(old, new, *, group):
            eventually(lambda: new.ready, within=60, every=0.1)
            begun = len(limited.calls(ids))
            eventually(lambda: len(limited.calls(ids)) >= begun + CONNECTIONS, within=30, every=0.1)
            old.end(STOPPED_WITHIN, group=group)

        import_clients(api)
        first.bear(CONNECTIONS)
        mailing = send(api, ["active"])
        ids = ids_of(api, mailing)
        running = [worker(0)]
        for number in range(RESTARTS):
            running.append(worker(number + 1))
            # As Kubernetes asks, one process; and every second time as systemd does, all of them.
            restart(*running[-2:], group=number % 2 == 1)
        assert len(limited.calls(ids)) < len(ids)
        limited.behave()
        statistics = finished(api, mailing)
    assert limited.accepted(ids) == dict.fromkeys(ids, 1)
    assert len(limited.calls(ids)) == len(ids)
    assert counts(statistics) == {"total": len(ids), "in_process": 0, "delivered": len(ids), "not_sent": 0}
