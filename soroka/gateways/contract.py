"""What the engine may expect of a gateway, and what a gateway is told when it is built."""

import math
from dataclasses import dataclass, field
from typing import Protocol

from soroka.domain.outcome import Envelope, Outcome


class Gateway(Protocol):
    """An adapter to one external sending service.

    It belongs to the process that built it. A process that has built one must not fork: its children can neither use
    it nor build another.
    """

    @property
    def idempotent(self) -> bool:
        """Whether the service knows a repeated message by its id, so that a message in doubt may be offered again."""

    @property
    def transit(self) -> float:
        """Seconds after which a request that was begun has reached the service or never will, where at most
        ``connections`` are under way: what is begun so shortly before a deadline could come after it.
        """

    async def send(self, envelope: Envelope) -> Outcome:
        """Offer one message, once: nothing is repeated in here. At most ``connections`` may be under way at a time.

        Whatever a network or a server does is an outcome; nothing but cancellation is raised.
        The answer is there within ``connect_timeout`` for a free connection plus ``total_timeout`` for the rest, and
        what has not left ``2 * connect_timeout`` after the call never leaves.
        Cancelling ends the waiting, not the request, which keeps to these times: the message is in doubt until then.
        """

    async def close(self) -> None:
        """Let go of all connections. Call it once nothing is being sent."""


class GatewayConfigError(ValueError):
    """A gateway cannot be built like this; its words name the gateway and say what to change, never the token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayConfig:
    """All that a gateway is built from. A changed one, such as a new token, means a newly built gateway.

    name: for people.  kind: a key of the registry.  url: its base, with or without a trailing slash.
    token: the secret itself; it is not part of ``repr``.  idempotent: see ``Gateway``.
    address: the IP address that is connected to, whatever the host of ``url`` is called; empty: what its name leads to.
    connections: requests under way at once, per process.  All timeouts are in seconds: ``connect_timeout`` for name,
    TCP and TLS; ``read_timeout`` for each silence of the server; ``total_timeout`` from connecting to the last byte.
    Raises GatewayConfigError.
    """

    name: str
    kind: str
    url: str
    token: str = field(repr=False)
    idempotent: bool = True
    address: str = ""
    connections: int = 100
    connect_timeout: float = 3.0
    read_timeout: float = 10.0
    total_timeout: float = 10.0

    def __post_init__(self) -> None:
        if self.connections < 1:
            raise GatewayConfigError(f"gateway {self.name}: connections must be at least 1")
        # Only an elapsed connect timeout proves that nothing was sent, so it has to be the first of the three.
        if not 0 < self.connect_timeout < min(self.read_timeout, self.total_timeout) < math.inf:
            raise GatewayConfigError(
                f"gateway {self.name}: connect_timeout must be above 0 and below read_timeout and total_timeout"
            )
