"""What is wrong with a mailing that is looked at ahead."""

from dataclasses import dataclass
from enum import StrEnum

from soroka.models import Gateway
from soroka.models.gateway import GatewayState
from soroka.planning.outlook import Outlook


class Caution(StrEnum):
    """Something that whoever starts the mailing may not have meant."""

    #: No hour is left at which the clients of a zone may be written to.
    TOO_LATE = "too_late"
    #: The gateway does not let all of them through before their deadline.
    DEADLINE = "deadline"
    #: Neither has the gateway a rate, nor has it sent enough to measure one.
    UNKNOWN_SPEED = "unknown_speed"
    #: The gateway is failing or stopped: the forecast is for one that works.
    GATEWAY = "gateway"
    #: It would take longer than a forecast reaches.
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Cautioned:
    """clients: of how many it is true; 0: of the mailing as a whole.  timezones: of which, by name."""

    code: Caution
    clients: int = 0
    timezones: tuple[str, ...] = ()


def cautions(ahead: Outlook, gateway: Gateway) -> list[Cautioned]:
    """All that is wrong, the worst first."""
    found = [
        _of_zones(Caution.TOO_LATE, {zone.timezone: zone.expired for zone in ahead.zones if not zone.opens}),
        _of_zones(Caution.DEADLINE, {zone.timezone: zone.expired for zone in ahead.zones if zone.opens}),
    ]
    told = [each for each in found if each.clients]
    if gateway.state is not GatewayState.WORKING:
        told.append(Cautioned(Caution.GATEWAY))
    if ahead.speed is None:
        told.append(Cautioned(Caution.UNKNOWN_SPEED))
    if ahead.waits:
        told.append(Cautioned(Caution.TOO_LONG, ahead.waits))
    return told


def _of_zones(code: Caution, expired: dict[str, int]) -> Cautioned:
    return Cautioned(code, sum(expired.values()), tuple(zone for zone, number in expired.items() if number))
