"""What a gateway with a limit counts."""

from bisect import bisect_left
from collections.abc import Iterable


def most_in_a_second(times: Iterable[float]) -> int:
    """The largest number of them within any second that includes its beginning and not its end."""
    ordered = sorted(times)
    return max(bisect_left(ordered, begin + 1) - number for number, begin in enumerate(ordered))
