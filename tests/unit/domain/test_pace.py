"""Whatever the limit: no second holds more than rate and burst, and hardly any of the rate is given away."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from soroka.domain.pace import Limit
from tests.seconds import most_in_a_second

LIMITS = st.builds(Limit, st.floats(0.001, 100_000), st.integers(1, 100_000))


@given(st.floats(0.5, 300), st.integers(1, 300), st.data())
def test_no_second_holds_more_than_rate_and_burst(rate: float, burst: int, data: st.DataObject) -> None:
    limit = Limit(rate, burst)
    number = data.draw(st.integers(1, 400))
    gaps = data.draw(st.lists(st.just(0.0) | st.floats(0, 2), min_size=number, max_size=number))
    delays = data.draw(st.lists(st.sampled_from([0.0, 0.5, 1.0]) | st.floats(0, 1), min_size=number, max_size=number))
    moment, noted = 0.0, []
    for gap, delay in zip(gaps, delays, strict=True):
        noted.append(moment + delay * limit.reach * (1 - 1e-9))
        moment += limit.interval * (1 + 1e-9) + gap
    assert most_in_a_second(noted) <= rate + burst


@pytest.mark.parametrize("limit", [Limit(100, 50), Limit(10, 1), Limit(3, 2), Limit(0.5, 1), Limit(50, 400)])
def test_messages_that_were_held_up_fill_a_second_just_to_the_limit(limit: Limit) -> None:
    moments = [number * limit.interval * (1 + 1e-9) for number in range(2000)]
    held_up = moments[1000]
    noted = [max(moment, min(moment + limit.reach, held_up) * (1 - 1e-12)) for moment in moments]
    assert limit.most - 1 <= most_in_a_second(noted) <= limit.rate + limit.burst


@given(LIMITS)
@example(Limit(0.001, 1))
@example(Limit(0.999, 1))
@example(Limit(100_000, 1))
def test_nine_tenths_of_the_rate_are_left_with_any_burst(limit: Limit) -> None:
    assert 0.909 * limit.rate <= 1 / limit.interval <= limit.rate * (1 + 1e-9)


@given(LIMITS)
def test_a_burst_of_a_tenth_costs_nothing(limit: Limit) -> None:
    ample = Limit(limit.rate, math.ceil(limit.rate / 10) + 1)
    assert 1 / ample.interval == pytest.approx(ample.rate)


@given(LIMITS)
def test_the_reach_is_shared_out(limit: Limit) -> None:
    assert limit.tolerance + limit.transit == pytest.approx(limit.reach)
    assert limit.transit >= 0.05
    assert 0 < limit.behind < limit.tolerance
