"""The simulated gateway as a listening server."""

import asyncio

from soroka.gateways.simulator.protocol import Connection
from soroka.gateways.simulator.service import Service

BACKLOG = 4096  # a benchmark opens thousands of connections in one moment


async def listen(service: Service, host: str, port: int) -> tuple[asyncio.Server, int]:
    """Listen, on a free port where ``port`` is 0. Returns the server and its port.

    Raises OSError where the address cannot be had. Call it on the loop that shall serve.
    """
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(service), host, port, backlog=BACKLOG)
    return server, server.sockets[0].getsockname()[1]
