from datetime import UTC, datetime, timedelta

import pytest

from soroka.domain.rest import ends_at

NOW = datetime(2026, 11, 29, 10, 0, tzinfo=UTC)
DEADLINE = NOW + timedelta(hours=10)


def after(seconds):
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("left", "speed", "last_due", "end"),
    [
        (100, 5.0, None, 20),
        (100, 5.0, 3600, 3600),  # the last are not due before
        (100, 5.0, 10, 20),
        (10**6, 0.1, None, 36_000),  # what is not sent by the deadline is over then
        (1, 5e-324, None, 36_000),
    ],
)
def test_it_ends_when_all_is_sent_but_not_before_the_last_is_due_nor_after_the_deadline(left, speed, last_due, end):
    assert ends_at(NOW, left, speed, last_due and after(last_due), DEADLINE) == after(end)


@pytest.mark.parametrize(("left", "speed"), [(100, None), (100, 0.0), (0, 5.0)])
def test_nobody_knows_while_nothing_goes(left, speed):
    assert ends_at(NOW, left, speed, None, DEADLINE) is None
