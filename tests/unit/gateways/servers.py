"""Servers that do exactly what a test says, byte for byte."""

import asyncio
import re
import ssl
from collections.abc import Sequence

CLOSE, RESET = "close", "reset"

#: What a server does once a request has come: write bytes, wait seconds, close or reset; after the last step, nothing.
Step = bytes | float | str


def reply(status: int, body: bytes = b"", headers: str = "") -> bytes:
    head = f"HTTP/1.1 {status} Whatever\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


OK = reply(200, b'{"code": 0, "message": "OK"}')


class RawServer:
    """scripts: the steps for the first request, the second ...; the last one serves all that follow."""

    def __init__(self, *scripts: Sequence[Step]):
        self.scripts = scripts
        self.requests: list[bytes] = []
        self.peers: list[tuple[str, int]] = []
        self.arrived = asyncio.Event()
        self.left = asyncio.Event()
        self._transports: set[asyncio.Transport] = set()

    async def start(self, tls: ssl.SSLContext | None = None) -> "RawServer":
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", 0, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        self._server.close()
        for transport in self._transports:
            transport.abort()
        await self._server.wait_closed()


class _Connection(asyncio.Protocol):
    def __init__(self, server: RawServer):
        self._server = server
        self._data = b""

    def connection_made(self, transport):
        self._transport = transport
        self._server._transports.add(transport)

    def connection_lost(self, _error):
        self._server.left.set()

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, end, body = self._data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if end and len(body) >= int(length[1] if length else 0):
            server, self._data = self._server, b""
            server.requests.append(head + end + body)
            server.peers.append(self._transport.get_extra_info("peername"))
            server.arrived.set()
            self._play(server.scripts[min(len(server.requests), len(server.scripts)) - 1])

    def _play(self, steps: Sequence[Step]) -> None:
        for index, step in enumerate(steps, 1):
            if isinstance(step, float):
                asyncio.get_running_loop().call_later(step, self._play, steps[index:])
                return
            if isinstance(step, bytes):
                self._transport.write(step)
            elif step == CLOSE:
                self._transport.close()
            else:
                self._transport.abort()
