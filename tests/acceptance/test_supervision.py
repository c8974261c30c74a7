import os
import signal
import socket

import pytest

from soroka.embedded.ports import HOST
from tests.acceptance.conftest import ids_of, import_clients, in_seconds
from tests.acceptance.installation import READY_WITHIN, Installation
from tests.acceptance.processes import mentioning


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_in_ten_seconds_and_leaves_no_process(installation, how):
    installation.start_ready()
    installation.end(how)
    assert installation.supervisor.returncode == 0


def test_a_second_ctrl_c_changes_nothing(installation, eventually):
    installation.start_ready()
    installation.supervisor.send_signal(signal.SIGINT)
    eventually(lambda: "stopping" in installation.terminal)
    installation.end(signal.SIGINT)
    assert installation.supervisor.returncode == 0


def test_it_stops_as_well_while_it_starts(installation, eventually):
    installation.start()
    eventually((installation.home / "log" / "prepare.log").exists, within=20)
    installation.end(signal.SIGINT)
    assert installation.supervisor.returncode == 0


def test_a_killed_supervisor_leaves_no_process_and_the_next_start_goes_on(gateway):
    installation = Installation(**gateway.env, SOROKA_LEASE_SECONDS="6")
    try:
        installation.start_ready()
        gateway.behave(latency=0.2)
        with installation.api() as api:
            import_clients(api)
            mailing = api.post("/mailings", {"text": "…", "filter": {"tags": ["active"]}, "ends_at": in_seconds(3600)})
            path = f"/mailings/{mailing['id']}"
            begun = api.wait_for(path, lambda answer: answer["statistics"]["delivered"] > 0, 30)
        assert begun["statistics"]["in_process"] > 0
        installation.end(signal.SIGKILL)
        gateway.behave()
        installation.start_ready()
        with installation.api() as api:
            done = api.wait_for(path, lambda answer: answer["status"] == "finished", 60)
            ids = ids_of(api, mailing["id"])
        assert done["statistics"] == {"total": len(ids), "in_process": 0, "delivered": len(ids), "not_sent": 0}
        assert gateway.accepted(ids).keys() == ids
    finally:
        installation.remove()


def test_a_second_start_on_the_same_data_is_refused(stack):
    second = Installation()
    second.env["SOROKA_HOME"] = str(stack.home)
    assert second.start().wait(10) == 1
    assert f"already runs on {stack.home} (process {stack.supervisor.pid})" in second.terminal
    assert stack.supervisor.poll() is None
    second.remove()


@pytest.mark.parametrize("variable", ["PORT", "FLOWER_PORT"])
def test_a_busy_port_is_refused_before_anything_is_started(installation, variable):
    with socket.create_server((HOST, 0)) as server:
        port = str(server.getsockname()[1])
        assert installation.start(**{variable: port}).wait(10) == 1
    assert f"port {port} is busy; set {variable} to another one" in installation.terminal
    assert not (installation.home / "postgres").exists()


def test_a_warm_start_is_ready_sooner_than_the_first(installation):
    cold = installation.start_ready()
    installation.end(signal.SIGTERM)
    assert installation.start_ready() < cold


def test_a_killed_data_store_ends_everything_with_an_error(installation, eventually):
    installation.start_ready()
    os.kill(installation.pid_of("postgres", "-D"), signal.SIGKILL)
    assert installation.supervisor.wait(12) == 1
    assert "postgres was ended by SIGKILL; nothing can go on without it" in installation.terminal
    eventually(lambda: not mentioning(str(installation.home)))


def test_a_gateway_whose_token_nobody_named_is_refused(installation):
    installation.start(GATEWAY_URL="https://gateway.example.org")
    assert installation.supervisor.wait(READY_WITHIN) == 1
    assert "GATEWAY_URL is set and GATEWAY_TOKEN is not" in installation.terminal
