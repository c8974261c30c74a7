"""Bodies whose length nobody says, on the wire: a server that took them for empty ones would lose what they ask for."""

import socket

import pytest
from pyreqwest.client import SyncClientBuilder

from soroka.embedded.ports import HOST

BODY = b'{"name": "in pieces"}'


def exchange(port: int, request: bytes) -> bytes:
    """What a server answers to these bytes before it closes the connection."""
    with socket.create_connection((HOST, port), timeout=10) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


@pytest.mark.parametrize("more", ["", "Content-Length: 5\r\n"])
def test_a_chunked_body_is_refused(stack, api, more):
    head = f"POST /tags HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n{more}\r\n"
    answer = exchange(stack.port, head.encode() + b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY))
    assert status_of(answer) == 411
    assert b"urn:soroka:problem:length_required" in answer


@pytest.mark.parametrize("length", ["-5", "x", "5\r\nContent-Length: 6"])
def test_a_length_that_makes_no_sense_is_refused(stack, length):
    head = f"POST /tags HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
    assert status_of(exchange(stack.port, head.encode() + BODY)) == 400


def test_a_body_in_pieces_is_refused_over_http_2_as_well_and_none_is_not(stack):
    url = f"http://{HOST}:{stack.port}/auth/token"
    with SyncClientBuilder().http2(True).http2_prior_knowledge().no_proxy().build() as client:
        pieces = client.post(url).header("Content-Type", "application/json").body_stream(iter([BODY, BODY]))
        whole = client.post(url).body_json({"username": "nobody", "password": "x"})
        nothing = client.post(url)
        statuses = [request.build().send().status for request in (pieces, whole, nothing)]
    assert statuses == [411, 401, 400]


def test_a_body_of_ten_megabytes_is_refused_before_it_is_sent(stack):
    head = (
        "POST /auth/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
        "Content-Length: 10000000\r\n\r\n"
    )
    assert status_of(exchange(stack.port, head.encode())) == 413
