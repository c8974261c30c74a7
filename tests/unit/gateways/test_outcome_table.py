"""Every line of the protocol's table, each with a real server."""

from datetime import UTC, datetime

import orjson
import pytest

from soroka.domain.outcome import Accepted, Deferred, Rejected, Unknown
from soroka.gateways.contract import GatewayConfig
from soroka.gateways.http_jwt import HttpJwt
from tests.unit.gateways.conftest import ENVELOPE, TOKEN
from tests.unit.gateways.servers import OK, reply

REJECTED = [400, 402, 404, 405, 406, 409, 410, 413, 418, 421, 422, 426, 431, 451, 499]
STOPPED = [300, 301, 302, 303, 304, 307, 308, 401, 403, 407]
DEFERRED = [408, 425, 429, 503]
UNKNOWN = [201, 202, 204, 206, 226, 299, 500, 501, 502, 504, 505, 599]

NOT_THAT_JSON = {
    "a web page": b"<!doctype html><h1>It works!</h1>",
    "nothing": b"",
    "half an object": b'{"code": 0, "mess',
    "no object": b"0",
    "a list": b'[{"code": 0}]',
    "null": b"null",
    "no code": b'{"message": "OK"}',
    "code as text": b'{"code": "0", "message": "OK"}',
    "code as truth": b'{"code": false, "message": "OK"}',
    "code as a fraction": b'{"code": 0.0, "message": "OK"}',
    "not UTF-8": b'{"code": 0, "message": "\xff"}',
    "two objects": b'{"code": 0}{"code": 0}',
    "too much": b'{"code": 0, "message": "%s"}' % (b"x" * 65536),
}


async def test_it_accepts_200_with_code_0(simulator, offer):
    service, port = await simulator()
    assert await offer(port) == Accepted()
    assert service.record.summary()["accepted"] == 1


async def test_it_rejects_200_with_another_code(simulator, offer):
    _, port = await simulator(fault={"code": 1})
    assert await offer(port) == Rejected("HTTP 200, code 1")


@pytest.mark.parametrize("status", REJECTED)
async def test_it_rejects_what_is_the_messages_fault(simulator, offer, status):
    _, port = await simulator(fault={str(status): 1})
    outcome = await offer(port)
    assert isinstance(outcome, Rejected)
    assert str(status) in outcome.why


@pytest.mark.parametrize("status", STOPPED)
async def test_it_stops_where_token_or_address_is_wrong(simulator, offer, status):
    _, port = await simulator(fault={str(status): 1})
    outcome = await offer(port)
    assert isinstance(outcome, Deferred)
    assert outcome.stop
    assert str(status) in outcome.why


async def test_it_follows_no_redirect(raw_server, offer):
    server = await raw_server([reply(307, headers="Location: /v1/send/7\r\n")], [OK])
    assert (await offer(server.port)).stop
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", DEFERRED)
async def test_it_defers_without_a_time_where_none_is_asked_for(simulator, offer, status):
    _, port = await simulator(fault={str(status): 1}, retry_after=0)
    outcome = await offer(port)
    assert isinstance(outcome, Deferred)
    assert (outcome.retry_after, outcome.stop) == (None, False)
    assert str(status) in outcome.why


@pytest.mark.parametrize("status", DEFERRED)
async def test_it_defers_by_the_seconds_asked_for(simulator, offer, status):
    _, port = await simulator(fault={str(status): 1}, retry_after=17)
    assert (await offer(port)).retry_after == 17.0


@pytest.mark.parametrize("status", DEFERRED)
async def test_it_defers_to_the_date_asked_for(simulator, offer, status):
    _, port = await simulator(fault={str(status): 1}, retry_after=600, retry_after_date=True)
    assert 590 < (await offer(port)).retry_after <= 601


async def test_it_reads_a_date_by_its_own_clock(raw_server, stack):
    server = await raw_server([reply(503, headers="Retry-After: Fri, 27 Nov 2026 07:00:30 GMT\r\n")])
    config = GatewayConfig(name="test", kind="http_jwt", url=f"http://127.0.0.1:{server.port}", token=TOKEN)
    gateway = HttpJwt(config, clock=lambda: datetime(2026, 11, 27, 7, 0, tzinfo=UTC))
    stack.push_async_callback(gateway.close)
    assert (await gateway.send(ENVELOPE)).retry_after == 30.0


@pytest.mark.parametrize("status", UNKNOWN)
async def test_it_leaves_every_other_status_in_doubt(simulator, offer, status):
    _, port = await simulator(fault={str(status): 1})
    outcome = await offer(port)
    assert isinstance(outcome, Unknown)
    assert str(status) in outcome.why


@pytest.mark.parametrize("body", NOT_THAT_JSON.values(), ids=NOT_THAT_JSON)
async def test_it_leaves_200_with_another_body_in_doubt(raw_server, offer, body):
    server = await raw_server([reply(200, body)])
    assert isinstance(await offer(server.port), Unknown)


async def test_it_reads_a_body_of_64_kib_and_no_more(raw_server, offer):
    body = b'{"code": 0}'.ljust(65536)
    server = await raw_server([reply(200, body)], [reply(200, body + b" ")])
    assert await offer(server.port) == Accepted()
    assert isinstance(await offer(server.port), Unknown)


async def test_it_reads_a_body_that_comes_in_pieces(raw_server, offer):
    server = await raw_server([OK[:-20], 0.05, OK[-20:-10], 0.05, OK[-10:]])
    assert await offer(server.port) == Accepted()


@pytest.mark.parametrize("status", [200, 400, 401, 429, 500])
async def test_it_tells_nothing_that_the_gateway_repeats(raw_server, offer, status):
    echo = {"code": 5, "message": f"{ENVELOPE.phone}: {ENVELOPE.text} ({TOKEN})"}
    server = await raw_server([reply(status, orjson.dumps(echo), headers=f"Retry-After: {ENVELOPE.phone} x\r\n")])
    await offer(server.port)  # it looks for them


async def test_it_sends_what_the_protocol_says(raw_server, offer):
    server = await raw_server([OK])
    await offer(f"http://127.0.0.1:{server.port}/base/")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /base/v1/send/7 HTTP/1.1\r\n")
    assert b"\r\nAuthorization: Bearer header.claims.signature\r\n" in head
    assert b"\r\nContent-Type: application/json\r\n" in head
    assert orjson.loads(body) == {"id": 7, "phone": 79161234567, "text": "Здравствуйте, Анна!"}


async def test_it_keeps_a_connection_alive_whatever_the_answer(raw_server, gateway):
    server = await raw_server([reply(429, b"slow down")], [reply(500, b"oh")], [OK])
    opened = gateway(server.port)
    for _ in range(4):
        await opened.send(ENVELOPE)
    assert len(set(server.peers)) == 1
