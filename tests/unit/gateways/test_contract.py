import asyncio
import subprocess
import sys

import pytest
import uvloop

from soroka.domain.outcome import Accepted, Envelope
from soroka.gateways.contract import GatewayConfig, GatewayConfigError
from soroka.gateways.registry import build
from soroka.gateways.simulator.server import listen
from soroka.gateways.simulator.service import Service

GOOD = {"name": "default", "kind": "http_jwt", "url": "https://gateway.example/base", "token": "secret-token"}


def config(**changes):
    return GatewayConfig(**(GOOD | changes))


def test_it_keeps_the_token_out_of_its_repr():
    assert "secret-token" not in repr(config())


def test_it_tells_a_changed_token_from_the_old_one():
    assert config() == config()
    assert config() != config(token="another")


def test_it_says_how_long_a_request_may_take_to_arrive():
    assert build(config(connect_timeout=2.0)).transit == 2.5


@pytest.mark.parametrize("idempotent", [True, False])
def test_it_says_whether_a_message_may_be_offered_again(idempotent):
    assert build(config(idempotent=idempotent)).idempotent is idempotent


def test_it_refuses_an_unknown_kind():
    with pytest.raises(GatewayConfigError, match="gateway default: unknown kind 'smpp'; there are: http_jwt"):
        build(config(kind="smpp"))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "gateway.example",
        "ftp://gateway.example",
        "http://",
        "http://a b",
        "http://gateway.example:99999",
        "mailto:somebody@gateway.example",
        "https://user:secret-token@gateway.example",
        "https://secret-token@gateway.example",
        "https://gateway.example?key=secret-token",
        "https://gateway.example/#secret-token",
    ],
)
def test_it_refuses_an_address_that_cannot_work(url):
    with pytest.raises(GatewayConfigError, match="gateway default: the address") as refusal:
        build(config(url=url))
    assert "secret-token" not in str(refusal.value)


@pytest.mark.parametrize("token", ["", "secret-token\n", "secret token", "секрет", "secret-token\x00", "secret\ttoken"])
def test_it_refuses_a_token_that_no_header_carries(token):
    with pytest.raises(GatewayConfigError, match=r"gateway default: .* token") as refusal:
        build(config(token=token))
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"connections": 0},
        {"connect_timeout": 0},
        {"connect_timeout": -1.0},
        {"connect_timeout": 10.0},
        {"read_timeout": 3.0},
        {"total_timeout": 2.0},
        {"total_timeout": float("inf"), "read_timeout": float("inf")},
        {"connect_timeout": float("nan")},
    ],
)
def test_it_refuses_limits_that_prove_nothing(changes):
    with pytest.raises(GatewayConfigError, match="gateway default: connect"):
        config(**changes)


def test_it_serves_several_runs_of_one_loop():
    loop = uvloop.new_event_loop()
    server, port = loop.run_until_complete(listen(Service(), "127.0.0.1", 0))
    gateway = build(config(url=f"http://127.0.0.1:{port}"))
    outcomes = [loop.run_until_complete(gateway.send(Envelope(id, 79161234567, "x"))) for id in range(1, 4)]
    loop.run_until_complete(gateway.close())
    server.close()
    loop.close()
    assert outcomes == [Accepted()] * 3


FORK = """
import asyncio, os, sys
from soroka.domain.outcome import Envelope
from soroka.gateways.contract import GatewayConfig
from soroka.gateways.registry import build

async def send():
    gateway = build(GatewayConfig(name="forked", kind="http_jwt", url=sys.argv[1], token="t"))
    print(await gateway.send(Envelope(7, 79161234567, "x")), flush=True)
    await gateway.close()

child = os.fork()
if child == 0:
    asyncio.run(send())
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


async def test_it_works_when_built_in_a_forked_child(simulator):
    _, port = await simulator()
    program = [sys.executable, "-c", FORK, f"http://127.0.0.1:{port}"]
    done = await asyncio.to_thread(subprocess.run, program, capture_output=True, text=True, timeout=20, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("Accepted(receipt='')\n", "", 0)
