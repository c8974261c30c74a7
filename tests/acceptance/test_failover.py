"""A gateway dies in the middle of a mailing, and another one takes over."""

import pytest

from tests.acceptance.conftest import ids_of, in_seconds
from tests.acceptance.gateway import SimulatedGateway

MAKE = """
from soroka.models import Gateway
gateway, _ = Gateway.objects.update_or_create(name={name!r}, defaults={{"url": {url!r}}})
gateway.set_token({token!r})
gateway.save()
"""


@pytest.fixture
def start(stack, eventually, tmp_path):
    """``start("first")``: a simulated gateway of this name, whose record survives its death."""
    started = []

    def start(name):
        gateway = SimulatedGateway(f"--record={tmp_path / name}")
        started.append(gateway)
        eventually(gateway.answers, within=60)
        stack.run_python(MAKE.format(name=name, url=gateway.url, token=gateway.token))
        return gateway

    yield start
    for gateway in started:
        gateway.end()


def messages(api, mailing, **query):
    found, path = [], f"/mailings/{mailing}/messages?page_size=1000" + "".join(f"&{k}={v}" for k, v in query.items())
    while path:
        page = api.get(path)
        found += page["results"]
        path = page["next"] and "/" + page["next"].split("/", 3)[3]
    return found


def test_the_rest_goes_through_the_next_gateway_and_doubt_goes_home(api, start, eventually):
    first, backup = start("first"), start("backup")
    first.behave(latency=0.3)
    body = {"text": "Сорока", "filter": {"tags": ["active"]}, "ends_at": in_seconds(3600)}
    mailing = api.post("/mailings", body | {"gateway": "first", "fallbacks": ["backup"]})["id"]
    api.wait_for(f"/mailings/{mailing}", lambda answer: answer["statistics"]["delivered"] > 300, 60)
    first.kill()

    def doubtful():
        waiting = messages(api, mailing, status="in_process")
        return waiting if all(message["gateway"] == "first" for message in waiting) else []

    in_doubt = {message["id"] for message in eventually(doubtful, within=90, every=1)}
    ids = ids_of(api, mailing)
    by_backup = backup.accepted(ids)
    assert len(by_backup) > 300
    assert not by_backup.keys() & in_doubt

    first.start()
    eventually(first.answers, within=10)
    api.wait_for(f"/mailings/{mailing}", lambda answer: answer["status"] == "finished", 120)
    by_first, by_backup = first.accepted(ids), backup.accepted(ids)
    assert by_first.keys() | by_backup.keys() == ids
    assert not by_first.keys() & by_backup.keys()
    assert set(by_backup.values()) == {1}
    assert in_doubt <= by_first.keys()
    ledger = messages(api, mailing)
    assert {message["status"] for message in ledger} == {"delivered"}
    said = {name: {message["id"] for message in ledger if message["gateway"] == name} for name in ("first", "backup")}
    assert said == {"first": set(by_first), "backup": set(by_backup)}
