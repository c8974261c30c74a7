"""How fast a gateway may be called: the arithmetic of moments, without a clock.

Every message has a moment; moments are at least ``interval`` apart, whoever uses them. A message is sent not before its
moment and at most ``tolerance`` after it, and ``transit`` more is kept for the way from there to the gateway's own
note of the call: a busy event loop, a new connection, a network that is slow just now. Whatever the gateway notes
within one second thus had its moment within ``1 + reach`` seconds, and of these there are at most ``rate + burst``.
"""

import math
from dataclasses import dataclass

#: Seconds of reach where the burst leaves less. Then the rate is kept a little lower: by a tenth at most.
_SHORTEST = 0.1


@dataclass(frozen=True, slots=True)
class Limit:
    """rate: messages a second, above 0.  burst: how many more than that may come within one second, at least 1."""

    rate: float
    burst: int

    @property
    def most(self) -> int:
        """Messages that the gateway may see in any one second."""
        return math.floor(self.rate + self.burst)

    @property
    def reach(self) -> float:
        """Seconds from a moment until the call for it has been noted at the latest."""
        return max(self.most / self.rate - 1, _SHORTEST)

    @property
    def interval(self) -> float:
        """Seconds between moments: so many that a second and the reach hold at most ``most`` of them."""
        return (1 + self.reach) / self.most

    @property
    def tolerance(self) -> float:
        """Seconds after its moment in which a message may still be sent: half of the reach."""
        return self.reach / 2

    @property
    def transit(self) -> float:
        """Seconds kept for the way to the gateway: the other half."""
        return self.reach - self.tolerance

    @property
    def behind(self) -> float:
        """Seconds that a moment may be old when it is handed out, so that some of the tolerance is left to use it."""
        return self.tolerance / 2
