from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from soroka.domain.lateness import BOUNDS, BUCKETS, histogram, merged, quantile


@given(st.lists(st.floats(0, 10_000), min_size=1), st.floats(0.01, 1.0))
def test_a_quantile_is_at_most_a_quarter_above_the_truth(lateness: list[float], share: float) -> None:
    counts = histogram(lateness)
    truth = sorted(lateness)[ceil(share * len(lateness)) - 1]
    found = quantile(counts, share, max(lateness))
    assert found is not None
    assert truth * 0.9999 <= found <= max(truth * 1.2501, 0.01)


@given(st.lists(st.floats(0, 20_000), min_size=1))
def test_each_lateness_is_counted_in_the_first_bucket_that_holds_it(lateness: list[float]) -> None:
    counts = [0] * BUCKETS
    for seconds in lateness:
        counts[next((place for place, bound in enumerate(BOUNDS) if seconds <= bound), BUCKETS - 1)] += 1
    assert histogram(lateness) == counts


def test_nothing_counted_has_no_quantile() -> None:
    assert quantile([], 0.5, 0.0) is None


def test_what_is_later_than_the_last_bucket_is_told_by_the_maximum() -> None:
    counts = histogram([1e9])
    assert counts[-1] == 1
    assert quantile(counts, 1.0, 1e9) == 1e9


def test_no_lateness_is_an_empty_histogram() -> None:
    assert histogram([]) == []


def test_histograms_add_up_whether_full_or_empty() -> None:
    assert merged([[], [1, 2], [1] * BUCKETS])[:3] == [2, 3, 1]
