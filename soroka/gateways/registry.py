"""Which kinds of gateway there are: one line a provider."""

from collections.abc import Callable, Mapping

from soroka.gateways.contract import Gateway, GatewayConfig, GatewayConfigError
from soroka.gateways.http_jwt import HttpJwt

KINDS: Mapping[str, Callable[[GatewayConfig], Gateway]] = {
    "http_jwt": HttpJwt,
}


def build(config: GatewayConfig) -> Gateway:
    """A gateway ready to send. Call it in the process that will use it, after any fork.

    Raises GatewayConfigError where the kind is unknown or the configuration cannot work.
    """
    if config.kind not in KINDS:
        raise GatewayConfigError(f"gateway {config.name}: unknown kind {config.kind!r}; there are: {', '.join(KINDS)}")
    return KINDS[config.kind](config)
