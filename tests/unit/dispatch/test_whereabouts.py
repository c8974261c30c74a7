"""A gateway that somebody entered is called where its name led when it was judged, and nowhere else."""

import socket

import pytest

from soroka.dispatch import gateways, whereabouts
from soroka.dispatch.gateways import DEFAULT, opened
from soroka.dispatch.whereabouts import Forbidden, Lost
from soroka.domain.outcome import Accepted, Deferred, Envelope
from soroka.domain.reach import parse_networks
from soroka.models import Gateway
from tests.unit.gateways.servers import OK, RawServer, reply

MESSAGE = Envelope(7, 79161234567, "Good day!")


@pytest.fixture(autouse=True)
def afresh(monkeypatch):
    """Nothing is known of any name, and no gateway is open."""
    monkeypatch.setattr(whereabouts, "_known", {})
    monkeypatch.setattr(gateways, "_opened", {})


@pytest.fixture
def leads(monkeypatch):
    """``leads("10.0.0.1")``: from now on every name leads there; without an address it leads nowhere."""
    asked = []

    def lead(*addresses):
        def look(host, port, **_):
            asked.append(host)
            if not addresses:
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in addresses]

        monkeypatch.setattr(whereabouts.socket, "getaddrinfo", look)
        return asked

    return lead


@pytest.fixture
async def serve():
    servers = []

    async def start(*script):
        servers.append(await RawServer(*script).start())
        return servers[-1]

    yield start
    for server in servers:
        await server.stop()


def gateway(host, port=80, **fields):
    made = Gateway(pk=30_100, name="second", url=f"http://{host}:{port}", **fields)
    made.set_token("very-secret")
    return made


async def test_it_connects_to_the_address_that_was_judged(serve, leads):
    server = await serve([OK])
    leads("127.0.0.1")
    sender = await opened(gateway("gateway.test", server.port))
    leads("169.254.169.254")  # the HTTP client must not ask again
    assert await sender.send(MESSAGE) == Accepted()
    assert f"host: gateway.test:{server.port}".encode() in server.requests[0].lower()
    await sender.close()


@pytest.mark.parametrize("host", ["gateway.test.", "GATEWAY.test"])
async def test_however_the_name_is_written(serve, leads, host):
    server = await serve([OK])
    leads("127.0.0.1")
    sender = await opened(gateway(host, server.port))
    assert await sender.send(MESSAGE) == Accepted()
    await sender.close()


@pytest.mark.parametrize("address", ["169.254.169.254", "10.0.0.1", "::1", "127.0.0.1"])
async def test_a_name_that_leads_inside_stops_the_gateway(leads, settings, address):
    settings.GATEWAY_NETWORKS = ()
    leads(address)
    with pytest.raises(Forbidden, match="name its network in GATEWAY_NETWORKS"):
        await opened(gateway("gateway.test"))


@pytest.mark.parametrize("host", ["10.0.0.1", "0x7f000001", "2130706433", "[::1]", "127.1"])
async def test_so_does_an_address_in_whatever_writing(settings, host):
    settings.GATEWAY_NETWORKS = ()
    with pytest.raises(Forbidden):
        await opened(gateway(host))


async def test_a_name_that_turns_inside_later_is_not_followed(leads, settings, monkeypatch):
    settings.GATEWAY_NETWORKS = ()
    leads("1.1.1.1")
    await opened(gateway("gateway.test"))
    leads("10.0.0.1")
    monkeypatch.setattr(whereabouts.time, "monotonic", lambda: 1e12)
    with pytest.raises(Forbidden):
        await opened(gateway("gateway.test"))


async def test_of_several_addresses_those_inside_are_left_out(leads, settings):
    settings.GATEWAY_NETWORKS = ()
    leads("10.0.0.1", "1.1.1.1")
    config = gateways.config_of(gateway("gateway.test"))
    assert await whereabouts.whereabouts(config, another=False) == "1.1.1.1"


async def test_the_next_address_is_taken_where_the_first_brings_no_luck(serve, leads, settings):
    settings.GATEWAY_NETWORKS = parse_networks("127.0.0.0/8")
    server = await serve([OK])
    leads("127.0.0.2", "127.0.0.1")
    sender = await opened(gateway("gateway.test", server.port))
    assert isinstance(await sender.send(MESSAGE), Deferred)
    sender = await opened(gateway("gateway.test", server.port, trouble=1))
    assert await sender.send(MESSAGE) == Accepted()
    again = await opened(gateway("gateway.test", server.port))
    assert again is sender
    await sender.close()


async def test_a_name_is_asked_for_once_a_minute(leads):
    asked = leads("127.0.0.1")
    for _ in "123":
        await opened(gateway("gateway.test"))
    assert asked == ["gateway.test"]


async def test_where_a_name_leads_nowhere_messages_wait(leads):
    leads()
    sender = await opened(gateway("gateway.test"))
    assert isinstance(sender, Lost) and sender.idempotent
    assert await sender.send(MESSAGE) == Deferred("cannot connect: no address is known for gateway.test")


async def test_a_resolver_that_is_away_changes_nothing(leads, monkeypatch):
    leads("127.0.0.1")
    sender = await opened(gateway("gateway.test"))
    leads()
    monkeypatch.setattr(whereabouts.time, "monotonic", lambda: 1e12)
    assert await opened(gateway("gateway.test")) is sender


async def test_a_proxy_is_left_to_find_what_we_cannot(serve, leads, monkeypatch):
    leads()
    proxy = await serve([OK])
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
    sender = await opened(gateway("gateway.test"))
    assert await sender.send(MESSAGE) == Accepted()
    await sender.close()


async def test_a_redirect_is_not_followed(serve, leads):
    leads("127.0.0.1")
    inside = await serve([OK])
    server = await serve([reply(307, headers=f"Location: http://127.0.0.1:{inside.port}/\r\n")])
    sender = await opened(gateway("gateway.test", server.port))
    assert await sender.send(MESSAGE) == Deferred("HTTP 307 Temporary Redirect", stop=True)
    assert inside.requests == []
    await sender.close()


async def test_the_one_of_the_environment_may_be_anywhere(serve, settings):
    server = await serve([OK])
    settings.GATEWAY_NETWORKS, settings.GATEWAY_URL = (), f"http://127.0.0.1:{server.port}"
    settings.READ_GATEWAY_TOKEN = lambda: "any"
    sender = await opened(Gateway(pk=30_101, name=DEFAULT))
    assert await sender.send(MESSAGE) == Accepted()
    await sender.close()
