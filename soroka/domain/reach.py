"""Which addresses a gateway that somebody entered may be called at: those of the internet, and networks that are named.

Whoever enters an address could otherwise have Soroka call what only its own machine can reach: databases, other
services, the metadata of a cloud.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network

_GLOBAL = IPv6Network("2000::/3")
#: Older versions of Python take them for the internet; a cloud has its metadata in the first.
_SPECIAL = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
#: Addresses of the internet into which one of IPv4 is folded by a translator.
_TRANSLATED = IPv6Network("64:ff9b::/96")


def parse_networks(written: str) -> tuple[Network, ...]:
    """``10.1.0.0/16, 127.0.0.1`` as networks; nothing where nothing is written. Raises ValueError."""
    try:
        return tuple(ip_network(part.strip()) for part in written.split(",") if part.strip())
    except ValueError as error:
        raise ValueError(f"{error}. Networks are written like 10.1.0.0/16, separated by commas.") from None


def is_allowed(address: str, networks: Sequence[Network]) -> bool:
    """Whether it may be called. address: as a resolver writes it. networks: what is allowed beside the internet."""
    try:
        real = _unfolded(ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    return any(real in network for network in networks if network.version == real.version) or _is_of_internet(real)


def _unfolded(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """What is really called: an address of IPv4 may be written as one of IPv6."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in _TRANSLATED:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_of_internet(address: IPv4Address | IPv6Address) -> bool:
    if not address.is_global or address.is_multicast:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL)
    # What is tunnelled leads to an address of IPv4 that nobody judged.
    return address in _GLOBAL and not address.sixtofour and not address.teredo
