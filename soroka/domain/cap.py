"""How many messages a client may have, and in how long."""

import re
from dataclasses import asdict, dataclass

MOST_MESSAGES = 1000
MOST_DAYS = 366
_WRITTEN = re.compile(r"([0-9]{1,4})/([0-9]{1,3})")


class BadCap(ValueError):
    """These are no numbers of a cap."""


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many messages to one client within any stretch of so many days of 24 hours.

    Raises BadCap outside of 1 to 1,000 messages and 1 to 366 days.
    """

    messages: int
    days: int

    def __post_init__(self) -> None:
        if not (1 <= self.messages <= MOST_MESSAGES and 1 <= self.days <= MOST_DAYS):
            raise BadCap(f"A cap has 1 to {MOST_MESSAGES} messages in 1 to {MOST_DAYS} days.")

    @classmethod
    def parse(cls, written: str) -> "Cap | None":
        """The cap that is written as ``3/7``; None of an empty text. Raises BadCap."""
        if not written:
            return None
        if not (numbers := _WRITTEN.fullmatch(written)):
            raise BadCap(f"{written[:20]!r} is no cap; write it like 3/7: at most 3 messages in 7 days.")
        return cls(int(numbers[1]), int(numbers[2]))

    def keeps(self, other: "Cap") -> bool:
        """Whether whoever keeps this one keeps the other one as well: no more messages, in no shorter time."""
        return self.messages <= other.messages and self.days >= other.days

    def to_json(self) -> dict[str, int]:
        """The form in which a mailing keeps it: ``{"messages": 3, "days": 7}``."""
        return asdict(self)
