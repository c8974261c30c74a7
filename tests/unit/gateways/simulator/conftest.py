import asyncio

import orjson
import pytest

BEARER = "Authorization: Bearer token\r\n"


def request(message, *, path=None, body=None, headers=BEARER, method="POST"):
    """The bytes of one call for a message, or of what a test makes of it."""
    if body is None:
        body = orjson.dumps({"id": message, "phone": 79161234567, "text": "Привет"})
    path = path or f"/v1/send/{message}"
    head = f"{method} {path} HTTP/1.1\r\nHost: gateway\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def until(condition):
    async with asyncio.timeout(5):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


class Caller:
    """A connection to the simulator, as raw as can be."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def call(self, data: bytes) -> tuple[int, dict[str, str], bytes]:
        self.writer.write(data)
        return await self.read()

    async def read(self) -> tuple[int, dict[str, str], bytes]:
        """The next response: status, headers by lower-case name, body."""
        async with asyncio.timeout(5):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:-2])}
            if headers.get("transfer-encoding") == "chunked":
                return int(head[0].split()[1]), headers, await self._chunks()
            return int(head[0].split()[1]), headers, await self.reader.readexactly(int(headers["content-length"]))

    async def json(self, method: str, path: str, content=None):
        body = b"" if content is None else orjson.dumps(content)
        status, _, answer = await self.call(request(0, path=path, body=body, headers="", method=method))
        return status, orjson.loads(answer)

    async def _chunks(self) -> bytes:
        chunks = []
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            chunks.append(await self.reader.readexactly(size))
            await self.reader.readexactly(2)
        await self.reader.readexactly(2)
        return b"".join(chunks)


@pytest.fixture
def caller(stack):
    async def connect(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        stack.callback(writer.close)
        return Caller(reader, writer)

    return connect
