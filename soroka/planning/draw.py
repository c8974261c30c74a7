"""A part of the clients, drawn by chance: it stands for all of them where all cannot be looked at in time."""

import random
import time
from collections.abc import Iterator

from soroka.planning.launch import newest_client_id

#: Client ids that one statement looks at, and the seconds after which the rest is estimated.
_WIDTH, _SECONDS = 25_000, 1.5


class Draw:
    """Iterated over, it gives ranges of client ids, ``(after, to]``, until the time is up or all were looked at."""

    def __init__(self) -> None:
        self._parts = list(range(0, newest_client_id(), _WIDTH))
        self._looked = 0
        random.shuffle(self._parts)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        end = time.monotonic() + _SECONDS
        for after in self._parts:
            yield after, after + _WIDTH
            self._looked += 1
            if time.monotonic() > end:
                return

    @property
    def is_whole(self) -> bool:
        """Whether all were looked at."""
        return self._looked == len(self._parts)

    def of_all(self, counted: int) -> int:
        """What a count in the part says of all clients."""
        return round(counted * len(self._parts) / max(self._looked, 1))
