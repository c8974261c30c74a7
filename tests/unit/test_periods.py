from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from soroka.statistics.totals import Period, days, hours

MOSCOW, BERLIN, KATHMANDU = map(ZoneInfo, ("Europe/Moscow", "Europe/Berlin", "Asia/Kathmandu"))


def quarter(*at):
    return Period(datetime(*at, tzinfo=UTC), 2, 1)


def settled(periods):
    return {f"{each.at:%m-%d %H:%M}": each.delivered for each in periods if each.delivered}


def test_an_hour_has_what_its_four_quarters_have_and_a_day_its_hours():
    found = [quarter(2026, 11, 28, 20, 45), *(quarter(2026, 11, 28, 21, minute) for minute in (0, 15, 30, 45))]
    found.append(quarter(2026, 11, 29, 20, 45))
    of_day = hours(found, date(2026, 11, 29), MOSCOW)
    assert len(of_day) == 24
    assert settled(of_day) == {"11-29 00:00": 8, "11-29 23:00": 2}
    assert of_day[0].not_sent == 4
    of_days = days(found, date(2026, 11, 29), 30, MOSCOW)
    assert (len(of_days), of_days[0].at.date()) == (30, date(2026, 10, 31))
    assert settled(of_days) == {"11-28 00:00": 2, "11-29 00:00": 10}


def test_a_day_begins_where_its_zone_begins_it():
    found = [quarter(2026, 11, 28, 18, 0), quarter(2026, 11, 28, 18, 15)]
    assert settled(days(found, date(2026, 11, 29), 2, KATHMANDU)) == {"11-28 00:00": 2, "11-29 00:00": 2}
    assert settled(hours(found, date(2026, 11, 29), KATHMANDU)) == {"11-29 00:00": 2}


@pytest.mark.parametrize(("day", "number"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_a_day_on_which_clocks_are_changed_has_all_its_hours(day, number):
    found = [quarter(day.year, day.month, day.day - 1, 23, 0), quarter(day.year, day.month, day.day, 21, 0)]
    of_day = hours(found, day, BERLIN)
    assert len(of_day) == number
    assert sum(each.delivered for each in of_day) == sum(each.delivered for each in days(found, day, 1, BERLIN))


def test_what_is_later_or_earlier_is_left_out():
    found = [quarter(2026, 11, 27, 20, 45), quarter(2026, 11, 29, 21, 0)]
    assert not settled(days(found, date(2026, 11, 29), 2, MOSCOW))
