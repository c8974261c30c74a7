"""How late messages were first offered, kept as counts in buckets that grow by a quarter each."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from math import ceil

BUCKETS = 64
_FIRST = 0.01  # seconds
_GROWTH = 1.25
#: The most that each bucket but the last holds, seconds.
BOUNDS = [_FIRST * _GROWTH**index for index in range(BUCKETS - 1)]


def histogram(lateness: Sequence[float]) -> list[int]:
    """Latenesses, in seconds, counted by bucket; an empty list where there is none."""
    if not lateness:
        return []
    counts = [0] * BUCKETS
    first, last = bisect_left(BOUNDS, min(lateness)), bisect_left(BOUNDS, max(lateness))
    if first == last:  # as in most slices, all of which are counted
        counts[first] = len(lateness)
        return counts
    for seconds in lateness:
        counts[bisect_left(BOUNDS, seconds, first, last)] += 1
    return counts


def quantile(counts: Sequence[int], share: float, most: float) -> float | None:
    """The lateness in seconds that ``share`` (0..1) of the messages did not exceed, to within a quarter.

    counts: messages by bucket.  most: the exact maximum, seconds.  None where nothing was counted.
    """
    total = sum(counts)
    if not total:
        return None
    rank = ceil(share * total)
    index = next(i for i, reached in enumerate(accumulate(counts)) if reached >= rank)
    return min(BOUNDS[index] if index < len(BOUNDS) else most, most)


def merged(histograms: Sequence[Sequence[int]]) -> list[int]:
    """The sum of several histograms; an empty one counts as zeros."""
    total = [0] * BUCKETS
    for histogram in histograms:
        for index, count in enumerate(histogram):
            total[index] += count
    return total
