import pytest

from soroka.bench.errors import BenchError
from soroka.bench.figures import Row, at_least, at_most, figure, quantile


@pytest.mark.parametrize(
    ("values", "target", "verdict"),
    [
        ((0.8, 0.1, 0.9), at_least(0.8), "met"),
        ((0.79, 0.1, 0.9), at_least(0.8), "missed"),
        ((3.0, 9.0, 1.0), at_most(3), "met"),
        ((3.01, 9.0, 1.0), at_most(3), "missed"),
        ((3.01,), None, ""),
    ],
)
def test_it_judges_by_the_median(values, target, verdict):
    assert Row("part", "name", "s", values, target).verdict == verdict


def test_the_median_of_two_lies_between_them():
    assert Row("part", "name", "s", (1.0, 2.0)).median == 1.5


@pytest.mark.parametrize(("share", "value"), [(0.0, 1), (0.01, 1), (0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100)])
def test_a_quantile_is_a_value_that_was_measured(share, value):
    assert quantile(list(range(100, 0, -1)), share) == value


def test_the_p99_of_eleven_is_the_largest():
    assert quantile([0.5] * 10 + [2.0], 0.99) == 2.0


def test_nothing_has_no_quantile():
    with pytest.raises(BenchError):
        quantile([], 0.5)


@pytest.mark.parametrize(
    ("value", "words"),
    [(25_417.3, "25,417"), (1_250, "1,250"), (120, "120"), (98.73, "98.7"), (3, "3.00"), (0.8123, "0.812"), (0, "0")],
)
def test_a_figure_has_three_digits_that_count(value, words):
    assert figure(value) == words


def test_a_target_says_which_way_is_better():
    assert [str(at_least(0.8)), str(at_most(300))] == ["≥ 0.800", "≤ 300"]
