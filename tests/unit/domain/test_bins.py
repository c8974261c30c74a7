"""Minutes gathered into as many bars as a chart can show."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from soroka.domain.bins import MOST_BARS, gathered

MOSCOW, LONDON = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/London")
NOON = datetime(2026, 11, 29, 12, 3, tzinfo=UTC)


def at(**later: float) -> datetime:
    return NOON + timedelta(**later)


def test_nothing_has_no_bars():
    assert gathered([], MOSCOW).bars == []


def test_a_minute_has_a_bar_and_so_have_those_between_in_which_nothing_was():
    found = gathered([(at(), 5, 1), (at(minutes=3), 2, 0)], MOSCOW)
    assert [(bar.at.hour, bar.at.minute, bar.delivered, bar.not_sent) for bar in found.bars] == [
        (15, 3, 5, 1), (15, 4, 0, 0), (15, 5, 0, 0), (15, 6, 2, 0),
    ]  # fmt: skip


def test_one_alone_has_an_empty_one_on_each_side():
    found = gathered([(at(), 5, 1)], MOSCOW)
    assert [(bar.at.hour, bar.at.minute, bar.delivered, bar.not_sent) for bar in found.bars] == [
        (15, 2, 0, 0), (15, 3, 5, 1), (15, 4, 0, 0),
    ]  # fmt: skip


def test_it_goes_on_to_the_present_where_something_runs():
    assert len(gathered([(at(), 1, 0)], MOSCOW, until=at(minutes=9.5)).bars) == 10


@pytest.mark.parametrize(
    ("span", "minutes"),
    [
        (timedelta(hours=3, minutes=17), 1), (timedelta(hours=4), 5), (timedelta(hours=20), 15),
        (timedelta(days=4), 60), (timedelta(days=20), 240), (timedelta(days=150), 1440), (timedelta(days=900), 10_080),
        (timedelta(days=20_000), 15 * 10_080),
    ],
)  # fmt: skip
def test_bars_grow_so_that_each_is_seen(span, minutes):
    found = gathered([(NOON, 1, 0), (NOON + span, 1, 0)], MOSCOW)
    assert found.minutes == minutes
    assert len(found.bars) <= MOST_BARS
    assert (found.bars[0].delivered, found.bars[-1].delivered) == (1, 1)


@pytest.mark.parametrize("zone", [MOSCOW, LONDON, ZoneInfo("Asia/Kathmandu"), ZoneInfo("America/St_Johns"), UTC])
@pytest.mark.parametrize("days", [0.1, 1, 3, 9, 40, 400, 3000])
def test_nothing_is_lost_and_bars_follow_each_other(zone, days):
    minutes = [(NOON + timedelta(days=days * part / 997), part, 1) for part in range(998)]
    found = gathered(minutes, zone)
    assert sum(bar.delivered for bar in found.bars) == sum(range(998))
    assert sum(bar.not_sent for bar in found.bars) == 998
    begins = [bar.at.astimezone(UTC) for bar in found.bars]
    assert begins == sorted(set(begins))
    assert begins[0] <= NOON


def test_quarters_and_hours_begin_where_the_clocks_of_the_zone_say_so():
    found = gathered([(NOON, 1, 0), (at(days=1), 1, 0)], ZoneInfo("Asia/Kathmandu"))  # 5:45 ahead
    assert found.minutes == 15 and {bar.at.minute % 15 for bar in found.bars} == {0}


def test_days_begin_at_midnight_also_where_clocks_are_changed():
    found = gathered([(NOON, 1, 0), (at(days=180), 1, 0)], LONDON)
    assert {(bar.at.hour, bar.at.minute) for bar in found.bars} == {(0, 0)}
    assert len(found.bars) == 181
