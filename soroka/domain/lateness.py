"""How late messages were first offered, kept as counts in buckets that grow by a quarter each."""

from collections.abc import Sequence
from itertools import accumulate
from math import ceil, log

BUCKETS = 64
_FIRST = 0.01  # seconds
_GROWTH = 1.25


def bucket(seconds: float) -> int:
    """The number of the bucket, 0..63, that holds a lateness in seconds."""
    if seconds <= _FIRST:
        return 0
    return min(ceil(log(seconds / _FIRST, _GROWTH)), BUCKETS - 1)


def quantile(counts: Sequence[int], share: float, most: float) -> float | None:
    """The lateness in seconds that ``share`` (0..1) of the messages did not exceed, to within a quarter.

    counts: messages by bucket.  most: the exact maximum, seconds.  None where nothing was counted.
    """
    total = sum(counts)
    if not total:
        return None
    rank = ceil(share * total)
    index = next(i for i, reached in enumerate(accumulate(counts)) if reached >= rank)
    return min(_FIRST * _GROWTH**index, most)


def merged(histograms: Sequence[Sequence[int]]) -> list[int]:
    """The sum of several histograms; an empty one counts as zeros."""
    total = [0] * BUCKETS
    for histogram in histograms:
        for index, count in enumerate(histogram):
            total[index] += count
    return total
