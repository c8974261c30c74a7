"""How a test or a person steers the simulated gateway and reads its record; only from the same machine."""

import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import asdict
from urllib.parse import parse_qs

import orjson

from soroka.gateways.simulator.answers import http
from soroka.gateways.simulator.service import Service

NDJSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"

Pieces = Iterator[bytes]


def respond(service: Service, peer: str, method: bytes, target: bytes, body: bytes) -> Pieces:
    """The response to anything but a message, in pieces. peer: the caller's address.  target: path and query."""
    path, _, query = target.partition(b"?")
    routes = ROUTES.get(path.rstrip(b"/") or b"/")
    if routes is None:
        return _error(404, "the simulator has " + ", ".join(known.decode() for known in ROUTES))
    if method not in routes:
        return _error(405, "this path takes " + ", ".join(known.decode() for known in routes))
    if not _is_loopback(peer):
        return _error(403, "only for callers on the same machine")
    return routes[method](service, query, body)


def _livez(_service: Service, _query: bytes, _body: bytes) -> Pieces:
    return _json(200, {"status": "ok"})


def _record(service: Service, query: bytes, _body: bytes) -> Pieces:
    if parse_qs(query).get(b"calls") == [b"1"]:
        return _chunked(service.record.lines())
    return _json(200, service.record.summary())


def _behaviour(service: Service, _query: bytes, body: bytes) -> Pieces:
    try:
        service.behaviour = service.behaviour.changed(orjson.loads(body or b"{}"))
    except ValueError as error:
        return _error(400, str(error))
    return _json(200, asdict(service.behaviour))


ROUTES: dict[bytes, dict[bytes, Callable[[Service, bytes, bytes], Pieces]]] = {
    b"/livez": {b"GET": _livez},
    b"/record": {b"GET": _record},
    b"/behaviour": {b"POST": _behaviour},
}


def _json(status: int, content: object) -> Pieces:
    yield http(status, orjson.dumps(content))


def _error(status: int, detail: str) -> Pieces:
    return _json(status, {"code": 1, "message": detail})


def _chunked(pages: Iterator[bytes]) -> Pieces:
    yield NDJSON_HEAD
    for page in pages:
        yield b"%x\r\n%s\r\n" % (len(page), page)
    yield b"0\r\n\r\n"


def _is_loopback(peer: str) -> bool:
    address = ipaddress.ip_address(peer.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
