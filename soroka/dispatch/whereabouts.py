"""Where a gateway that somebody entered is called: its name is looked up here, judged, and connected to as judged.

A name may lead elsewhere at the next look (rebinding), so the HTTP client is told the address and asks nobody itself.
"""

import asyncio
import socket
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.request import getproxies_environment

from django.conf import settings
from pyreqwest.http import Url

from soroka.domain.outcome import Deferred, Envelope, Outcome
from soroka.domain.reach import is_allowed
from soroka.gateways.contract import GatewayConfig, GatewayConfigError

#: Seconds for which a name is taken to lead to the same addresses, and for which a look may take.
_KNOWN_FOR, _LOOK = 60.0, 2.0
#: A resolver cannot be interrupted: who waits for it goes on, and its thread ends some time.
_lookers = ThreadPoolExecutor(8, "whereabouts")


class Forbidden(GatewayConfigError):
    """A host leads to an address at which no gateway may be called; the words say what to set."""

    def __init__(self, name: str, host: str, address: str) -> None:
        super().__init__(
            f"gateway {name}: {host} leads to {address}, which is no address of the internet; if it is meant, name its "
            "network in GATEWAY_NETWORKS"
        )
        self.host, self.address = host, address


class Nowhere(Exception):
    """A name leads nowhere just now."""


@dataclass(frozen=True, slots=True)
class _Known:
    addresses: list[str]
    until: float
    chosen: str


_known: dict[str, _Known] = {}


class Lost:
    """In place of a gateway whose name leads nowhere just now: every message is put off, as one that cannot connect."""

    transit = 0.0

    def __init__(self, config: GatewayConfig, why: str) -> None:
        self.idempotent = config.idempotent
        self._why = why

    async def send(self, envelope: Envelope) -> Outcome:
        """See ``Gateway``."""
        return Deferred(self._why)

    async def close(self) -> None:
        """See ``Gateway``."""


async def whereabouts(config: GatewayConfig, *, another: bool) -> str:
    """The address at which a gateway is to be called; empty where a proxy is left to find it.

    another: the one of before brought no luck; a name with several leads to the next one.
    Raises Forbidden and Nowhere.
    """
    host = host_of(config.url)
    known = _known.get(host)
    if known and not another and time.monotonic() < known.until:
        return known.chosen
    try:
        found = await asyncio.wait_for(asyncio.wrap_future(_look(host)), _LOOK)
    except (OSError, UnicodeError, TimeoutError):
        return _without_look(host, known, config)
    addresses = _judged(found, host, config.name)
    chosen = _chosen(addresses, known.chosen if known else "", another=another)
    _known[host] = _Known(addresses, time.monotonic() + _KNOWN_FOR, chosen)
    return chosen


def check_address(url: str, name: str = "") -> None:
    """Judge an address while it is entered; one that leads nowhere now is judged when called. Raises Forbidden."""
    host = host_of(url)
    try:
        found = _look(host).result(_LOOK)
    except (OSError, UnicodeError, TimeoutError):
        return
    _judged(found, host, name)


def host_of(url: str) -> str:
    """The host as the HTTP client understands it: ``http://2130706433`` is 127.0.0.1. Raises GatewayConfigError."""
    try:
        host = Url.parse(url).host_str
    except ValueError:
        host = None
    if not host:
        raise GatewayConfigError("the address is no URL")
    return host.strip("[]")


def _look(host: str) -> "Future[list[str]]":
    return _lookers.submit(_addresses, host)


def _addresses(host: str) -> list[str]:
    try:
        return [str(ip_address(host))]
    except ValueError:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _judged(found: list[str], host: str, name: str) -> list[str]:
    """Those that may be called. Raises Forbidden where there is none."""
    allowed = [address for address in found if is_allowed(address, settings.GATEWAY_NETWORKS)]
    if not allowed:
        raise Forbidden(name, host, found[0])
    return allowed


def _chosen(addresses: list[str], before: str, *, another: bool) -> str:
    if before not in addresses:
        return addresses[0]
    return addresses[(addresses.index(before) + another) % len(addresses)]


def _without_look(host: str, known: _Known | None, config: GatewayConfig) -> str:
    """The one of before, which was judged, or none where a proxy is asked for the name. Raises Nowhere."""
    if known:
        return known.chosen
    proxies = getproxies_environment()
    if Url.parse(config.url).scheme in proxies or "all" in proxies:
        return ""
    raise Nowhere(f"cannot connect: no address is known for {host}")
