"""Everything through PgBouncer in transaction mode: migrations, import, planning, delivery, ticks."""

import os
import signal

import psycopg
import pytest

from tests.acceptance.conftest import ids_of, import_clients
from tests.acceptance.gateway import simulated_gateways
from tests.acceptance.installation import Installation
from tests.acceptance.pgbouncer import PROGRAM, PgBouncer
from tests.acceptance.test_faults import counts, finished, send, share_done

#: Slots of two pumps, a planner, an import and a tick, and one connection more, on which all of them have to work.
POOL_SIZE = 6


@pytest.fixture(scope="module")
def pgbouncer(eventually):
    if not PROGRAM.exists():
        report = pytest.fail if os.environ.get("CI") else pytest.skip
        report(f"there is no {PROGRAM}; on Debian: apt-get install pgbouncer")
    pgbouncer = PgBouncer(POOL_SIZE)
    try:
        eventually(pgbouncer.answers, within=10)
        yield pgbouncer
    finally:
        pgbouncer.end()


@pytest.fixture(scope="module")
def gateway(eventually):
    """Not the one of the other tests: ids begin anew in each database, and its record would mix them."""
    with simulated_gateways(1, eventually) as [gateway]:
        yield gateway


@pytest.fixture(scope="module")
def stack(pgbouncer, gateway):
    installation = Installation(**gateway.env, DATABASE_URL=pgbouncer.url, SOROKA_LEASE_SECONDS="6")
    try:
        installation.start_ready()
        yield installation
    finally:
        installation.remove()


def test_nothing_is_lost_behind_pgbouncer_even_when_a_worker_is_killed(stack, pgbouncer, gateway):
    gateway.behave(latency=0.2)
    with stack.api() as api:
        import_clients(api)
        mailing = send(api, ["active"])
        begun = api.wait_for(f"/mailings/{mailing}", share_done(0.2), 60)
        assert begun["statistics"]["in_process"] > 0
        os.kill(stack.pid_of("celery", " worker"), signal.SIGKILL)
        gateway.behave()
        statistics = finished(api, mailing)
        ids = ids_of(api, mailing)
    assert counts(statistics) == {"total": len(ids), "in_process": 0, "delivered": len(ids), "not_sent": 0}
    assert gateway.accepted(ids).keys() == ids
    assert 0 < sessions(pgbouncer) <= POOL_SIZE
    assert not sessions(pgbouncer, "state = 'idle' AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')")
    assert "prepared statement" not in (stack.home / "log" / "worker.log").read_text()


def sessions(pgbouncer, such="true"):
    """How many sessions there are but our own."""
    with psycopg.connect(pgbouncer.direct_url) as connection:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        return connection.execute(f"{others} AND {such}").fetchone()[0]


def test_waits_in_the_database_are_limited_without_startup_parameters(stack, pgbouncer):
    pgbouncer.reconnect()  # its first connection is as old as the first migration
    with psycopg.connect(pgbouncer.url, autocommit=True) as connection:
        for name, limit in (("lock_timeout", "1min"), ("idle_in_transaction_session_timeout", "2min")):
            assert connection.execute(f"SHOW {name}").fetchone()[0] == limit
