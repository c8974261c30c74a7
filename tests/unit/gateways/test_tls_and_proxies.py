import ssl
from datetime import UTC, datetime

import pytest
import trustme

from soroka.domain.outcome import Accepted, Deferred
from soroka.gateways.contract import GatewayConfigError
from tests.unit.gateways.servers import OK, reply


def serving(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


async def test_it_trusts_the_authority_in_ssl_cert_file(raw_server, offer, authority):
    server = await raw_server([OK], tls=serving(authority[0].issue_cert("127.0.0.1")))
    assert await offer(f"https://127.0.0.1:{server.port}") == Accepted()


UNTRUSTED = {
    "an unknown authority": lambda _: trustme.CA().issue_cert("127.0.0.1"),
    "another name": lambda authority: authority.issue_cert("another.example"),
    "a past date": lambda authority: authority.issue_cert("127.0.0.1", not_after=datetime(2025, 1, 1, tzinfo=UTC)),
}


@pytest.mark.parametrize("issue", UNTRUSTED.values(), ids=UNTRUSTED)
async def test_it_defers_under_a_wrong_certificate(raw_server, offer, authority, issue):
    server = await raw_server([OK], tls=serving(issue(authority[0])))
    outcome = await offer(f"https://127.0.0.1:{server.port}")
    assert isinstance(outcome, Deferred)
    assert "certificate" in outcome.why
    assert server.requests == []


def test_it_says_what_to_do_where_nothing_is_trusted(gateway, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", "/dev/null")
    with pytest.raises(GatewayConfigError, match=r"gateway test: no HTTP client .*; install ca-certificates or name"):
        gateway(1)


async def test_it_defers_where_https_meets_plain_http(simulator, offer):
    _, port = await simulator()
    assert isinstance(await offer(f"https://127.0.0.1:{port}"), Deferred)


async def test_it_goes_through_the_proxy_of_the_environment(raw_server, offer, monkeypatch):
    proxy = await raw_server([OK])
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
    assert await offer("http://gateway.invalid") == Accepted()
    assert proxy.requests[0].startswith(b"POST http://gateway.invalid/v1/send/7 HTTP/1.1\r\n")


async def test_it_goes_straight_to_what_no_proxy_names(raw_server, offer, monkeypatch):
    proxy, server = await raw_server([OK]), await raw_server([OK])
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert await offer(server.port) == Accepted()
    assert (len(proxy.requests), len(server.requests)) == (0, 1)


async def test_it_defers_where_the_proxy_opens_no_tunnel(raw_server, offer, monkeypatch):
    proxy = await raw_server([reply(502)])
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    assert isinstance(await offer("https://gateway.invalid"), Deferred)
    assert proxy.requests[0].startswith(b"CONNECT gateway.invalid:443 HTTP/1.1\r\n")
    assert b"Bearer" not in proxy.requests[0]
