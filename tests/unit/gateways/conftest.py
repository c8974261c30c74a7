from contextlib import AsyncExitStack

import pytest
import trustme
import uvloop

from soroka.domain.outcome import Envelope
from soroka.gateways.contract import GatewayConfig
from soroka.gateways.registry import build
from soroka.gateways.simulator.behaviour import Behaviour
from soroka.gateways.simulator.server import listen
from soroka.gateways.simulator.service import Service
from tests.unit.gateways.servers import RawServer

ENVELOPE = Envelope(id=7, phone=79161234567, text="Здравствуйте, Анна!")
TOKEN = "header.claims.signature"
#: Seconds, for tests that wait until they have passed.
IMPATIENT = {"connect_timeout": 0.25, "read_timeout": 0.3, "total_timeout": 0.8}
SECRETS = (TOKEN, "79161234567", "Анна")


def pytest_asyncio_loop_factories():
    """The loop that the simulator and the pumps run on."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """A certificate authority and its PEM file."""
    authority = trustme.CA()
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return authority, path


@pytest.fixture(autouse=True)
def machine(monkeypatch, authority):
    """A machine without proxies that trusts one authority: nothing of the real one's plays a part."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("SSL_CERT_DIR", "/nonexistent")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority[1]))


@pytest.fixture
async def stack():
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def raw_server(stack):
    async def start(*scripts, tls=None):
        server = await RawServer(*scripts).start(tls)
        stack.push_async_callback(server.stop)
        return server

    return start


@pytest.fixture
def simulator(stack):
    """Start a simulated gateway in this process: returns (its Service, its port)."""

    async def start(service=None, **behaviour):
        service = service or Service(Behaviour().changed(behaviour))
        server, port = await listen(service, "127.0.0.1", 0)
        stack.callback(server.close)
        return service, port

    return start


@pytest.fixture
def gateway(stack):
    """Build a gateway for an address or a port."""

    def open_gateway(where, **settings):
        url = where if isinstance(where, str) else f"http://127.0.0.1:{where}"
        opened = build(GatewayConfig(name="test", kind="http_jwt", url=url, token=TOKEN, **settings))
        stack.push_async_callback(opened.close)
        return opened

    return open_gateway


@pytest.fixture
def offer(gateway):
    """Offer one message through a new gateway and check that its outcome gives nothing away."""

    async def offer_once(where, envelope=ENVELOPE, **settings):
        outcome = await gateway(where, **settings).send(envelope)
        assert not [secret for secret in SECRETS if secret in repr(outcome)]
        assert len(getattr(outcome, "why", "")) < 200
        return outcome

    return offer_once
