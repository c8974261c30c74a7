"""A TCP proxy that can fall silent without hanging up, as a firewall does that forgets a connection."""

import asyncio
import threading
from contextlib import suppress


class DeafProxy:
    """It passes on what comes, until it is told to be silent."""

    def __init__(self, path: str) -> None:
        """path: of the server's unix socket."""
        self._path = path
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._passes = True
        #: Connections that nothing is passed on of any more, whatever becomes of the others.
        self._forgotten: set[int] = set()
        #: What whoever says it is forgotten for.
        self._forbidden = b""
        self._open: dict[int, list[asyncio.StreamWriter]] = {}
        self._server = asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result(10)
        self.port = self._server.sockets[0].getsockname()[1]

    def forget_connections(self) -> int:
        """Be silent on every connection that there is; new ones work. Returns how many there are."""
        found = set(self._open)
        self._forgotten |= found
        return len(found)

    def forget_who_says(self, word: bytes) -> None:
        """Be silent on every connection that ``word`` comes over from now on; ``b""`` ends it."""
        self._forbidden = word

    def fall_silent(self) -> None:
        """Take connections and say nothing on any of them."""
        self._passes = False
        self.forget_connections()

    def speak_again(self) -> None:
        """Pass on what comes over new connections, where nothing was."""
        if not self._passes:
            self.forget_connections()
            self._passes = True

    def close(self) -> None:
        """End it."""
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _serve(self) -> asyncio.Server:
        return await asyncio.start_server(self._connected, "127.0.0.1", 0)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = id(writer)
        theirs, ours = await asyncio.open_unix_connection(self._path)
        self._open[number] = [writer, ours]
        with suppress(OSError):
            await asyncio.gather(self._pass_on(number, reader, ours), self._pass_on(number, theirs, writer))
        self._open.pop(number, None)
        self._forgotten.discard(number)
        for one in (writer, ours):
            one.close()

    async def _pass_on(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if self._forbidden and self._forbidden in data:
                self._forgotten.add(number)
            if self._passes and number not in self._forgotten:
                writer.write(data)
                await writer.drain()
        writer.close()

    async def _stop(self) -> None:
        self._server.close()
        for pair in list(self._open.values()):
            for writer in pair:
                writer.close()
