import os
import signal
from datetime import datetime

import redis

from soroka.delivery.engine import AT_WORK
from soroka.delivery.slices import LARGEST
from tests.acceptance.conftest import ids_of, in_seconds

#: What may be offered and not yet settled when a worker dies: pumps x batches in work x the largest slice.
IN_DOUBT = 2 * AT_WORK * LARGEST


def send(api, tags, **more):
    mailing = {"text": "Сорока", "filter": {"tags": tags}, "ends_at": in_seconds(3600), **more}
    return api.post("/mailings", mailing)["id"]


def share_done(least):
    return lambda answer: answer["statistics"]["in_process"] <= (1 - least) * answer["statistics"]["total"]


def finished(api, mailing, within=90.0):
    api.wait_for(f"/mailings/{mailing}", lambda answer: answer["status"] == "finished", within)
    return api.get(f"/mailings/{mailing}/statistics")


def counts(statistics):
    return {name: statistics[name] for name in ("total", "in_process", "delivered", "not_sent")}


def test_a_killed_worker_loses_nothing_and_repeats_little(stack, api, gateway):
    gateway.behave(latency=0.2)
    mailing = send(api, ["active"])
    begun = api.wait_for(f"/mailings/{mailing}", share_done(0.2), 60)
    assert begun["statistics"]["in_process"] > 0
    os.kill(stack.pid_of("celery", " worker"), signal.SIGKILL)
    gateway.behave()
    statistics = finished(api, mailing)
    ids = ids_of(api, mailing)
    assert counts(statistics) == {"total": len(ids), "in_process": 0, "delivered": len(ids), "not_sent": 0}
    accepted = gateway.accepted(ids)
    assert accepted.keys() == ids
    assert sum(times > 1 for times in accepted.values()) <= IN_DOUBT
    assert max(accepted.values()) <= 2
    assert "worker was ended by SIGKILL" in stack.terminal


def test_losing_all_of_valkey_loses_nothing_and_repeats_nothing(stack, api, gateway):
    gateway.behave(latency=0.2)
    later = send(api, ["vip"], starts_at=in_seconds(12), local_time=False)
    now = send(api, ["active"])
    begun = api.wait_for(f"/mailings/{now}", share_done(0.2), 60)
    assert begun["statistics"]["in_process"] > 0
    redis.Redis(unix_socket_path=str(stack.home / "valkey/run/valkey.sock")).flushall()
    for mailing in (now, later):
        statistics = finished(api, mailing)
        ids = ids_of(api, mailing)
        assert statistics["delivered"] == statistics["total"] == len(ids)
        assert gateway.accepted(ids) == dict.fromkeys(ids, 1)


def test_nothing_is_offered_after_the_end_of_a_mailing(api, gateway):
    gateway.behave(latency=1.0)
    ends_at = in_seconds(6)
    mailing = send(api, ["active", "loyal"], ends_at=ends_at)
    statistics = finished(api, mailing)
    ids = ids_of(api, mailing)
    calls = gateway.calls(ids)
    assert max(call["at"] for call in calls) <= datetime.fromisoformat(ends_at).timestamp()
    assert statistics["delivered"] == len({call["id"] for call in calls if call["accepted"]})
    assert statistics["not_sent_by_reason"] == {"expired": len(ids) - statistics["delivered"]}
    assert 0 < statistics["delivered"] < len(ids)
