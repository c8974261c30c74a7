"""What the network does to a message: deferred only if it certainly never left, else in doubt."""

import asyncio
import socket

import pytest

from soroka.domain.outcome import Accepted, Deferred, Unknown
from tests.unit.gateways.conftest import ENVELOPE, IMPATIENT
from tests.unit.gateways.servers import CLOSE, OK, RESET, reply

BROKEN = {
    "closed without an answer": [CLOSE],
    "reset without an answer": [RESET],
    "closed within the head": [b"HTTP/1.1 200 OK\r\nContent-Le", CLOSE],
    "closed within the body": [OK[:-9], CLOSE],
    "reset within the body": [OK[:-9], RESET],
    "not HTTP": [b"SSH-2.0-OpenSSH_9.2\r\n"],
    "a head that is none": [b"HTTP/1.1 200 OK\r\nX: \x00\r\n\r\n"],
    "chunks that are none": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
    "silence": [],
    "silence within the body": [OK[:-9]],
    "a refusal that breaks off": [reply(400, b"no")[:-1], CLOSE],
}
CUT = {name: steps for name, steps in BROKEN.items() if steps[-1:] in ([CLOSE], [RESET])}


@pytest.mark.parametrize("steps", BROKEN.values(), ids=BROKEN)
async def test_it_leaves_a_message_in_doubt_once_it_left(raw_server, offer, steps):
    server = await raw_server(steps)
    async with asyncio.timeout(5):
        assert isinstance(await offer(server.port, connect_timeout=0.25, read_timeout=0.3, total_timeout=30), Unknown)
    assert len(server.requests) == 1


@pytest.mark.parametrize("steps", CUT.values(), ids=CUT)
async def test_it_never_sends_again_by_itself_on_a_used_connection(raw_server, gateway, steps):
    server = await raw_server([OK], steps)
    opened = gateway(server.port)
    assert await opened.send(ENVELOPE) == Accepted()
    assert isinstance(await opened.send(ENVELOPE), Unknown)
    assert len(server.requests) == 2
    assert server.peers[0] == server.peers[1]


@pytest.mark.parametrize(
    ("kind", "accepted", "why"),
    [
        ("lose", 1, "connection closed"),
        ("drop", 0, "connection closed"),
        ("half", 1, "end of file"),
        ("hang", 0, "timed out"),
        ("html", 0, "not JSON"),
    ],
)
async def test_it_cannot_tell_whether_the_gateway_accepted(simulator, offer, kind, accepted, why):
    service, port = await simulator(fault={kind: 1})
    outcome = await offer(port, **IMPATIENT)
    assert isinstance(outcome, Unknown)
    assert why in outcome.why
    assert service.record.summary()["accepted"] == accepted


async def test_it_leaves_a_message_in_doubt_when_the_answer_drips_beyond_the_total_timeout(raw_server, offer):
    drip = [OK[:-9], *[step for byte in OK[-9:] for step in (0.12, bytes([byte]))]]
    server = await raw_server(drip)
    outcome = await offer(server.port, **(IMPATIENT | {"total_timeout": 0.5}))
    assert isinstance(outcome, Unknown)
    assert "timed out" in outcome.why


async def test_it_defers_where_the_connection_is_refused(offer):
    with socket.socket() as taken:  # bound and not listening, so that nobody else can answer there
        taken.bind(("127.0.0.1", 0))
        outcome = await offer(taken.getsockname()[1])
    assert isinstance(outcome, Deferred)
    assert "Connection refused" in outcome.why


async def test_it_defers_where_the_name_is_unknown(offer):
    outcome = await offer("http://gateway.invalid")
    assert isinstance(outcome, Deferred)
    assert not outcome.stop


async def test_it_defers_where_connecting_takes_too_long(raw_server, offer):
    server = await raw_server()  # takes the connection and never answers the TLS handshake
    outcome = await offer(f"https://127.0.0.1:{server.port}", **IMPATIENT)
    assert isinstance(outcome, Deferred)
    assert "timed out" in outcome.why


async def test_it_defers_where_no_connection_becomes_free(raw_server, gateway):
    server = await raw_server([])
    opened = gateway(server.port, connections=1, **(IMPATIENT | {"read_timeout": 0.7}))
    first = asyncio.create_task(opened.send(ENVELOPE))
    await asyncio.wait_for(server.arrived.wait(), 5)
    assert await opened.send(ENVELOPE) == Deferred("no free connection")
    assert isinstance(await first, Unknown)
    assert len(server.requests) == 1


async def test_it_stops_waiting_when_cancelled_and_lets_the_request_run_out(raw_server, gateway):
    patient = {"connect_timeout": 0.25, "read_timeout": 0.7, "total_timeout": 0.7}
    server = await raw_server([])
    task = asyncio.create_task(gateway(server.port, **patient).send(ENVELOPE))
    await asyncio.wait_for(server.arrived.wait(), 5)
    task.cancel()
    async with asyncio.timeout(0.4):
        with pytest.raises(asyncio.CancelledError):
            await task
    await asyncio.wait_for(server.left.wait(), 5)
    assert len(server.requests) == 1
