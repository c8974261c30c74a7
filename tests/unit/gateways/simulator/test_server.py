import asyncio
import time
from contextlib import suppress
from email.utils import parsedate_to_datetime

import orjson
import pytest

from soroka.gateways.simulator.control import respond
from soroka.gateways.simulator.guard import Guard
from soroka.gateways.simulator.record import Record
from soroka.gateways.simulator.service import Service
from tests.unit.gateways.simulator.conftest import BEARER, request, until


def message_of(size):
    return orjson.dumps({"id": 1, "phone": 79161234567, "text": "x"}).ljust(size)


BAD_BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "no object": b"[]",
    "another id": b'{"id": 2, "phone": 79161234567, "text": "x"}',
    "truth for an id": b'{"id": true, "phone": 79161234567, "text": "x"}',
    "no phone": b'{"id": 1, "text": "x"}',
    "phone as text": b'{"id": 1, "phone": "79161234567", "text": "x"}',
    "no text": b'{"id": 1, "phone": 79161234567}',
    "not UTF-8": b'{"id": 1, "phone": 79161234567, "text": "\xff"}',
}


async def test_it_accepts_a_message(simulator, caller):
    service, port = await simulator()
    status, headers, body = await (await caller(port)).call(request(1))
    assert (status, headers["content-type"], orjson.loads(body)) == (
        200,
        "application/json",
        {"code": 0, "message": "OK"},
    )
    assert service.record.summary()["accepted"] == 1


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
async def test_it_refuses_a_body_that_is_no_message(simulator, caller, body):
    service, port = await simulator()
    status, _, _ = await (await caller(port)).call(request(1, body=body))
    assert status == 400
    assert service.record.summary()["accepted"] == 0


async def test_it_refuses_whoever_shows_no_token(simulator, caller):
    service, port = await simulator(Service(guard=Guard("a secret of the tests, long enough for HS256")))
    connection = await caller(port)
    assert (await connection.call(request(1, headers="")))[0] == 401
    assert (await connection.call(request(1)))[0] == 401
    assert service.record.summary() | {"first_call_at": 0, "last_call_at": 0} == {
        "calls": 2,
        "accepted": 0,
        "distinct_ids": 1,
        "ids_accepted": 0,
        "ids_accepted_twice": 0,
        "ids_called_twice": 1,
        "first_call_at": 0,
        "last_call_at": 0,
    }


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("/", "GET", 404), ("/v1/send/x", "POST", 404), ("/v1/send/" + "9" * 30, "POST", 404), ("/livez", "POST", 405)],
)
async def test_it_has_no_other_page(simulator, caller, path, method, status):
    service, port = await simulator()
    assert (await (await caller(port)).call(request(1, path=path, method=method)))[0] == status
    assert len(service.record) == 0


async def test_it_asks_to_come_back_by_seconds_or_by_date(simulator, caller):
    service, port = await simulator(fault={"429": 1}, retry_after=30)
    connection = await caller(port)
    assert (await connection.call(request(1)))[1]["retry-after"] == "30"
    service.behaviour = service.behaviour.changed({"retry_after_date": True})
    _, headers, _ = await connection.call(request(1))
    assert 29 < parsedate_to_datetime(headers["retry-after"]).timestamp() - time.time() <= 31


async def test_it_answers_pipelined_requests_in_order(simulator, caller):
    _, port = await simulator(fault={"503": 0.5})
    expected = [await (await caller(port)).call(request(message)) for message in range(1, 101)]
    _, fresh = await simulator(fault={"503": 0.5}, latency=0.001)
    connection = await caller(fresh)
    connection.writer.write(b"".join(request(message) for message in range(1, 101)))
    assert [await connection.read() for _ in expected] == expected
    assert {status for status, _, _ in expected} == {200, 503}


async def test_it_survives_any_number_of_pipelined_requests(simulator, caller):
    service, port = await simulator()
    connection = await caller(port)
    connection.writer.write(request(0, path="/livez", body=b"", method="GET") * 5000 + request(1) * 5000)
    for _ in range(10_000):
        assert (await connection.read())[0] == 200
    assert len(service.record) == 5000


async def test_it_reads_a_request_that_comes_byte_by_byte(simulator, caller):
    service, port = await simulator()
    connection = await caller(port)
    for byte in request(1):
        connection.writer.write(bytes([byte]))
        await connection.writer.drain()
        await asyncio.sleep(0)
    assert (await connection.read())[0] == 200
    assert service.record.summary()["accepted"] == 1


async def test_it_is_slow_for_all_at_the_same_time(simulator, caller):
    service, port = await simulator(latency=0.5)
    callers = [await caller(port) for _ in range(20)]
    start = time.monotonic()
    tasks = [asyncio.create_task(caller.call(request(message))) for message, caller in enumerate(callers)]
    await until(lambda: service.record.summary()["accepted"] == 20)  # when they come, not when they are answered
    assert not any(task.done() for task in tasks)
    await asyncio.gather(*tasks)
    assert 0.5 <= time.monotonic() - start < 5


async def test_it_wavers_by_the_jitter(simulator, caller):
    service, _ = await simulator(latency=0.2, jitter=0.1)
    delays = [service.delay() for _ in range(200)]
    assert 0.2 <= min(delays) < 0.22
    assert 0.28 < max(delays) <= 0.3


@pytest.mark.parametrize(
    "flood",
    [
        request(1, body=b"x" * 65537),
        b"POST /v1/send/1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"8000\r\n" + b"x" * 32768 + b"\r\n"
        b"8001\r\n" + b"x" * 32769 + b"\r\n",
        b"POST /v1/send/1 HTTP/1.1\r\nX: " + b"x" * 200_000,
        b"POST /" + b"x" * 200_000,
    ],
    ids=["body", "chunks", "head", "path"],
)
async def test_it_refuses_what_is_too_large(simulator, caller, flood):
    service, port = await simulator()
    connection = await caller(port)
    assert (await connection.call(flood))[0] == 413
    assert len(service.record) == 0
    assert await asyncio.wait_for(connection.reader.read(), 5) == b""  # and closes


async def test_it_takes_a_body_of_64_kib(simulator, caller):
    _, port = await simulator()
    assert (await (await caller(port)).call(request(1, body=message_of(65536))))[0] == 200


@pytest.mark.parametrize(
    "noise", [b"hello\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"], ids=["text", "TLS"]
)
async def test_it_refuses_what_is_not_http(simulator, caller, noise):
    _, port = await simulator()
    assert (await (await caller(port)).call(noise))[0] == 400


async def test_it_closes_where_the_caller_wants_it(simulator, caller):
    _, port = await simulator()
    connection = await caller(port)
    assert (await connection.call(request(1, headers=BEARER + "Connection: close\r\n")))[0] == 200
    assert await asyncio.wait_for(connection.reader.read(), 5) == b""


async def test_it_shows_its_record(simulator, caller):
    _, port = await simulator()
    connection = await caller(port)
    before = time.time()
    for message in range(2500):
        await connection.call(request(message))
    _, summary = await connection.json("GET", "/record")
    assert before <= summary["first_call_at"] <= summary["last_call_at"] <= time.time()
    assert (summary["calls"], summary["distinct_ids"], summary["ids_called_twice"]) == (2500, 2500, 0)
    _, headers, body = await connection.call(request(0, path="/record?calls=1", body=b"", method="GET"))
    assert headers["content-type"] == "application/x-ndjson"
    assert [orjson.loads(line)["id"] for line in body.splitlines()] == list(range(2500))
    assert (await connection.call(request(1)))[0] == 200  # and goes on


async def test_it_streams_its_record_no_faster_than_it_is_read(simulator, caller):
    class LongRecord(Record):
        pages = 0

        def lines(self):
            for self.pages in range(1, 501):
                yield b"x" * 65536

    service, port = await simulator(Service(record=LongRecord()))
    slow, other = await caller(port), await caller(port)
    slow.writer.write(request(0, path="/record?calls=1", body=b"", method="GET") + request(1))
    await until(lambda: service.record.pages > 0)
    assert (await other.json("GET", "/livez"))[0] == 200
    assert service.record.pages < 500
    assert len((await slow.read())[2]) == 500 * 65536
    assert (await slow.read())[0] == 200


async def test_it_reads_no_more_while_an_answer_is_outstanding(simulator, caller):
    _, port = await simulator(fault={"hang": 1})
    connection = await caller(port)
    large = request(1, body=message_of(65536))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            for _ in range(1000):
                connection.writer.write(large)
                await connection.writer.drain()


async def test_it_answers_nothing_more_where_it_hangs(simulator, caller):
    service, port = await simulator(fault={"hang": 0.5})
    hanging = next(message for message in range(1, 100) if service.behaviour.kind(message, 1) == "hang")
    passing = next(message for message in range(1, 100) if service.behaviour.kind(message, 1) == "ok")
    connection = await caller(port)
    connection.writer.write(request(hanging) + request(passing))
    assert (await (await caller(port)).call(request(passing)))[0] == 200
    answered = b""
    with suppress(TimeoutError):
        answered = await asyncio.wait_for(connection.reader.read(100), 0.1)
    assert answered == b""
    assert len(service.record) == 2


async def test_it_changes_its_behaviour_while_running(simulator, caller):
    _, port = await simulator()
    connection = await caller(port)
    wish = {"latency": 0.01, "jitter": 0.01, "fault": {"404": 1}, "retry_after": 5, "retry_after_date": True, "seed": 9}
    assert await connection.json("POST", "/behaviour", wish) == (200, wish)
    assert (await connection.call(request(1)))[0] == 404
    assert await connection.json("POST", "/behaviour", {}) == (200, wish)


async def test_it_says_what_is_wrong_with_a_behaviour(simulator, caller):
    service, port = await simulator(latency=0.01)
    connection = await caller(port)
    status, answer = await connection.json("POST", "/behaviour", {"latency": "fast"})
    assert (status, answer["message"]) == (400, "latency must be a number of at least 0")
    assert (await connection.call(request(0, path="/behaviour", body=b"{")))[0] == 400
    assert service.behaviour.latency == 0.01


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_it_is_steered_from_the_same_machine(peer):
    answer = b"".join(respond(Service(), peer, b"GET", b"/record", b""))
    assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("peer", ["192.0.2.7", "10.0.0.1", "2001:db8::1", "fe80::1%eth0", "::ffff:192.0.2.7"])
@pytest.mark.parametrize("target", [(b"GET", b"/record"), (b"POST", b"/behaviour"), (b"GET", b"/livez")])
def test_it_is_steered_by_nobody_else(peer, target):
    service = Service()
    answer = b"".join(respond(service, peer, *target, b'{"latency": 1}'))
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert service.behaviour.latency == 0


async def test_it_keeps_what_it_took_from_a_caller_who_left(simulator, caller):
    service, port = await simulator(latency=0.05)
    leaving = await caller(port)
    leaving.writer.write(request(1))
    await until(lambda: len(service.record) == 1)
    leaving.writer.transport.abort()
    assert (await (await caller(port)).call(request(2)))[0] == 200
    assert service.record.summary()["accepted"] == 2
