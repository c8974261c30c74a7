"""How a mailing will go, by the fluid of ``soroka.domain.forecast``."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soroka.domain.forecast import QUARTER, Stream, flow

HOUR = 3600.0


def stream(messages: float, *openings: tuple[float, float], mailing: int = 1) -> Stream:
    return Stream(mailing, messages, iter(openings))


def test_what_is_due_at_once_takes_as_long_as_the_gateway_needs():
    one = stream(1000, (0, HOUR))
    flow([one], 10, 1)
    assert (one.left, one.last) == (pytest.approx(0, abs=1e-3), pytest.approx(100))
    assert sum(one.sent.values()) == pytest.approx(1000)


def test_it_tells_the_quarters():
    one = stream(QUARTER + 60, (QUARTER - 60, 9 * HOUR))
    flow([one], 1, 1)
    assert {quarter: round(sent) for quarter, sent in one.sent.items()} == {0: 60, 1: QUARTER}


def test_zones_that_open_together_go_together_and_one_that_opened_before_goes_first():
    early, late, tiny = stream(300, (0, HOUR)), stream(100, (10, HOUR)), stream(10, (10, HOUR))
    flow([early, late, tiny], 10, 1)
    assert early.last == pytest.approx(30)
    assert tiny.last == pytest.approx(32)
    assert late.last == pytest.approx(41)


def test_what_does_not_fit_goes_on_in_the_next_opening_and_expires_after_the_last():
    one = stream(100, (0, 5), (20, 23))
    flow([one], 10, 1)
    assert (one.left, one.last) == (pytest.approx(20), pytest.approx(23))


def test_mailings_have_equal_parts_of_the_speed():
    ours, theirs = stream(100, (0, HOUR)), stream(1000, (0, HOUR), mailing=2)
    flow([ours, theirs], 10, 1)
    assert ours.last == pytest.approx(20)
    assert theirs.left == pytest.approx(900)  # nobody asked how theirs ends


def test_who_has_no_opening_has_nothing_sent():
    one = stream(5)
    flow([one], 10, 1)
    assert (one.left, one.last, dict(one.sent)) == (5, None, {})


OPENINGS = (
    st.lists(st.integers(0, 20_000), max_size=6, unique=True)
    .map(sorted)
    .map(lambda edges: list(zip(edges[::2], edges[1::2], strict=False)))
)
CROWDS = st.lists(st.tuples(st.integers(0, 50_000), OPENINGS, st.integers(1, 3)), min_size=1, max_size=6)


@given(CROWDS, st.floats(0.01, 10_000))
def test_nothing_is_lost_nothing_comes_outside_of_its_hours_and_never_more_than_the_gateway_takes(drawn, speed):
    streams = [stream(messages, *openings, mailing=mailing) for messages, openings, mailing in drawn]
    flow(streams, speed, 1)
    total: dict[int, float] = {}
    for one, (messages, openings, mailing) in zip(streams, drawn, strict=True):
        assert sum(one.sent.values()) + one.left == pytest.approx(messages, abs=0.1)
        for quarter, sent in one.sent.items():
            total[quarter] = total.get(quarter, 0) + sent
            overlaps = (min(high, (quarter + 1) * QUARTER) - max(low, quarter * QUARTER) for low, high in openings)
            assert sum(max(0, each) for each in overlaps) * speed >= sent - 0.1
        if mailing == 1 and one.left > 1 and openings:
            assert one.closes == float("inf")
    assert all(sent <= speed * QUARTER + 0.1 for sent in total.values())
