"""The send window over all IANA zones, held against a clock on the wall that is looked at minute by minute."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soroka.domain.schedule import Span, moments, openings, zone_names
from soroka.domain.send_window import SendWindow
from tests.unit.domain.tz_oracle import changes, local

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
ALL_ZONES = sorted(zone_names())
HOURS = st.sampled_from(["00:00", "00:30", "02:00", "02:15", "02:30", "02:45", "03:00", "09:00", "21:00", "23:30"])
WEEKDAYS = st.frozensets(st.integers(1, 7), min_size=1) | st.just(frozenset(range(1, 8)))


def is_open(wall: datetime, opens: str, closes: str, days: frozenset[int], holidays: frozenset[date]) -> bool:
    """What somebody says who knows the hours, the days and the holidays, and sees the clock."""
    hour = f"{wall.hour:02}:{wall.minute:02}"  # strftime is slow, and there are millions of minutes

    def begins(day: date) -> bool:
        return day.isoweekday() in days and day not in holidays

    if opens < closes:
        return opens <= hour < closes and begins(wall.date())
    return (hour >= opens and begins(wall.date())) or (hour < closes and begins(wall.date() - DAY))


def minute_by_minute(
    zone: ZoneInfo, since: datetime, until: datetime, *window: object
) -> Iterator[tuple[datetime, datetime]]:
    """The longest stretches at which every minute is open."""
    begun = None
    moment = since
    while moment < until:
        if is_open(local(moment, zone), *window):  # type: ignore[arg-type]
            begun = begun or moment
        elif begun:
            yield begun, moment
            begun = None
        moment += MINUTE
    if begun:
        yield begun, until


def joined(parts: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """The same, with those that touch made one."""
    result: list[tuple[datetime, datetime]] = []
    for begin, end in parts:
        if result and result[-1][1] == begin:
            result[-1] = (result[-1][0], end)
        else:
            result.append((begin, end))
    return result


def agree(zone: ZoneInfo, since: datetime, length: timedelta, *asked: object) -> None:
    window = SendWindow.between(*asked)  # type: ignore[arg-type]
    found = list(window.openings(zone, since, since + length))
    assert found == sorted(found, key=lambda opening: opening.opens_at)
    parts = [(opening.opens_at, opening.closes_at) for opening in found]
    assert joined(parts) == list(minute_by_minute(zone, since, since + length, *asked))


def change_near(zone: ZoneInfo, year: int) -> datetime:
    """The first change of a zone's clock in a year; its eve of summer elsewhere."""
    start = datetime(year, 1, 1, tzinfo=UTC)
    found = changes(zone, start, start + 366 * DAY, step=6 * DAY)
    return found[0] if found else start + 150 * DAY


@pytest.mark.parametrize("opens, closes", [("02:30", "21:00"), ("02:15", "02:00")])
def test_every_zone_opens_as_its_clocks_show_when_they_are_changed(opens, closes):
    for name in ALL_ZONES:
        zone = ZoneInfo(name)
        change = change_near(zone, 2027).replace(second=0)
        agree(zone, change - DAY, timedelta(hours=30), opens, closes, frozenset(range(1, 8)), frozenset())


@given(
    st.sampled_from(ALL_ZONES).map(ZoneInfo),
    st.integers(1975, 2099),
    st.integers(-3 * 1440, 2 * 1440).map(lambda minutes: minutes * MINUTE),
    st.integers(1, 4 * 1440).map(lambda minutes: minutes * MINUTE),
    st.tuples(HOURS, HOURS).filter(lambda hours: hours[0] != hours[1]),
    WEEKDAYS,
    st.lists(st.integers(-3, 4), max_size=3),
)
@settings(max_examples=150, deadline=None)
def test_it_opens_as_the_clocks_show(zone, year, before, length, hours, days, holidays):
    change = change_near(zone, year).replace(second=0)
    dates = frozenset(local(change, zone).date() + DAY * each for each in holidays)
    agree(zone, change + before, length, *hours, days, dates)


@given(st.sampled_from(ALL_ZONES).map(ZoneInfo), st.integers(-2000, 2000), st.integers(1, 5000))
@settings(max_examples=50, deadline=None)
def test_a_client_is_due_at_the_first_minute_that_is_open_and_until_it_closes(zone, ahead, length):
    start = change_near(zone, 2026).replace(second=0)
    now, end = start + MINUTE * ahead, start + MINUTE * length
    asked = ("09:00", "21:00", frozenset(range(1, 6)), frozenset[date]())
    due = moments(Span(start, end, False, "UTC"), zone, now=now, window=SendWindow.between(*asked))
    shown = list(minute_by_minute(zone, max(start, now), end, *asked))
    assert due.deadline == end
    assert due.expired is not bool(shown)
    assert shown == [] or (due.due_at, due.expires_at) == shown[0]


def test_a_local_span_is_met_by_the_same_clock():
    vladivostok = ZoneInfo("Asia/Vladivostok")
    span = Span(datetime(2026, 11, 27, 7, tzinfo=UTC), datetime(2026, 11, 29, 7, tzinfo=UTC), True, "Europe/Moscow")
    found = openings(span, vladivostok, now=datetime(2026, 1, 1, tzinfo=UTC), window=SendWindow.parse("09:00-21:00"))
    assert [f"{local(each.opens_at, vladivostok):%d %H}-{local(each.closes_at, vladivostok):%H}" for each in found] == [
        "27 10-21", "28 09-21", "29 09-10",
    ]  # fmt: skip
