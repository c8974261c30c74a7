"""From the rows that describe gateways to open gateways with kept-alive connections."""

from dataclasses import replace

from django.conf import settings

from soroka.dispatch.whereabouts import Lost, Nowhere, whereabouts
from soroka.gateways.contract import Gateway as OpenGateway
from soroka.gateways.contract import GatewayConfig, GatewayConfigError
from soroka.gateways.registry import build
from soroka.models import Gateway
from soroka.models.gateway import UnreadableToken

#: The gateway whose address and token come from the environment.
DEFAULT = "default"

_opened: dict[int, tuple[GatewayConfig, OpenGateway]] = {}


async def opened(gateway: Gateway) -> OpenGateway:
    """The open gateway, made anew where its address or token has changed. Raises GatewayConfigError.

    It is kept for the life of the process, which must be a forked child by now.
    """
    try:
        config = await located(config_of(gateway), gateway)
    except Nowhere as nowhere:
        return Lost(config_of(gateway), str(nowhere))
    known = _opened.get(gateway.pk)
    if known is None or known[0] != config:
        _opened[gateway.pk] = (config, build(config))
        if known is not None:
            await known[1].close()
    return _opened[gateway.pk][1]


async def located(config: GatewayConfig, gateway: Gateway) -> GatewayConfig:
    """With the address that may be called, where the gateway was entered by somebody: that of ``default`` is the
    environment's. Raises GatewayConfigError and Nowhere.
    """
    if gateway.name == DEFAULT:
        return config
    return replace(config, address=await whereabouts(config, another=gateway.trouble > 0))


def share(gateway: Gateway, slot: int) -> int:
    """How many requests the pump in ``slot`` may have under way: all pumps together have ``gateway.connections``.

    0 where there are more pumps than that.
    """
    each, over = divmod(gateway.connections, settings.PUMPS)
    return int(each + (slot < over))


def config_of(gateway: Gateway) -> GatewayConfig:
    """What a gateway is built from. Raises GatewayConfigError.

    The token is read anew: a stopped gateway is mended by a new one. The connections are the largest share there is:
    a process takes another slot each time and should not build its gateways anew for that.
    """
    ours = gateway.name == DEFAULT
    return GatewayConfig(
        name=gateway.name,
        kind=gateway.kind,
        url=settings.GATEWAY_URL if ours else gateway.url,
        token=_default_token() if ours else _own_token(gateway),
        idempotent=gateway.idempotent,
        connections=share(gateway, slot=0),
    )


def _default_token() -> str:
    try:
        return str(settings.READ_GATEWAY_TOKEN())
    except OSError as error:
        raise GatewayConfigError(
            f"gateway {DEFAULT}: the file that GATEWAY_TOKEN_FILE names cannot be read ({error.strerror})"
        ) from None


def _own_token(gateway: Gateway) -> str:
    try:
        return gateway.read_token()
    except UnreadableToken as error:
        raise GatewayConfigError(str(error)) from None
