"""The rules of time over all IANA zones, held against a search that knows no rule (``tz_oracle``)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from soroka.domain.schedule import Moments, Span, instant, moments, wall_clock, zone_names
from tests.unit.domain.tz_oracle import changes, gap_around, local, showings

ZONES = st.sampled_from(sorted(zone_names())).map(ZoneInfo)
NEARBY = st.integers(-4 * 3600, 4 * 3600).map(lambda seconds: timedelta(seconds=seconds))
SPANS = (st.integers(1, 2 * 3600) | st.integers(1, 30 * 3600)).map(lambda seconds: timedelta(seconds=seconds))
YEARS = st.integers(1900, 2100)


def year_of(zone: ZoneInfo, year: int) -> list[datetime]:
    start = datetime(year, 1, 1, tzinfo=UTC)
    return changes(zone, start, start + timedelta(days=366), step=timedelta(days=6))


@st.composite
def zones_and_walls(draw: st.DrawFn) -> tuple[ZoneInfo, datetime]:
    """A zone and a wall-clock time that lies, where the zone has one that year, within hours of a change of offset."""
    zone, year = draw(ZONES), draw(YEARS)
    near = draw(st.sampled_from(year_of(zone, year) or [datetime(year, 3, 29, 2, tzinfo=UTC)]))
    return zone, local(near, zone) + draw(NEARBY)


def span_of(start: datetime, length: timedelta, *, is_local: bool) -> Span:
    return Span(start.replace(tzinfo=UTC), start.replace(tzinfo=UTC) + length, is_local, "UTC")


@given(zones_and_walls())
def test_an_instant_is_the_first_showing_or_a_gap_later(zone_and_wall):
    zone, wall = zone_and_wall
    shown = showings(wall, zone)
    expected = shown[0] if shown else showings(wall + gap_around(wall, zone), zone)[0]
    assert instant(wall, zone) == expected


@given(zones_and_walls())
def test_a_wall_clock_time_comes_back_unless_it_is_in_a_gap(zone_and_wall):
    zone, wall = zone_and_wall
    back = wall_clock(instant(wall, zone), zone)
    assert (back == wall) if showings(wall, zone) else (back > wall)


@given(zones_and_walls())
def test_a_wall_clock_agrees_with_the_search(zone_and_wall):
    zone, wall = zone_and_wall
    moment = wall.replace(tzinfo=UTC)
    assert wall_clock(moment, zone) == local(moment, zone)


@given(zones_and_walls(), SPANS)
def test_later_on_the_wall_is_later_in_fact_unless_the_earlier_is_in_a_gap(zone_and_wall, length):
    zone, wall = zone_and_wall
    assume(showings(wall, zone))
    assert instant(wall, zone) < instant(wall + length, zone)


@given(zones_and_walls(), SPANS)
def test_nobody_is_due_before_the_wall_clock_time(zone_and_wall, length):
    zone, wall = zone_and_wall
    due = moments(span_of(wall, length, is_local=True), zone, now=datetime(1890, 1, 1, tzinfo=UTC))
    assert local(due.due_at, zone) >= wall


@given(zones_and_walls(), SPANS)
def test_a_span_is_never_upside_down(zone_and_wall, length):
    zone, wall = zone_and_wall
    due = moments(span_of(wall, length, is_local=True), zone, now=datetime(1890, 1, 1, tzinfo=UTC))
    assert due.expires_at >= due.due_at
    assert due.expired is (instant(wall + length, zone) <= instant(wall, zone))


@given(zones_and_walls(), SPANS, st.integers(-40 * 3600, 40 * 3600))
def test_now_only_cuts_the_beginning_off(zone_and_wall, length, seconds):
    zone, wall = zone_and_wall
    now = wall.replace(tzinfo=UTC) + timedelta(seconds=seconds)
    whole = moments(span_of(wall, length, is_local=True), zone, now=datetime(1890, 1, 1, tzinfo=UTC))
    cut = moments(span_of(wall, length, is_local=True), zone, now=now)
    assert cut == Moments(max(whole.due_at, now), whole.expires_at, whole.deadline)
    assert cut.expired is (whole.expired or whole.expires_at <= now)


@given(zones_and_walls(), SPANS, ZONES)
def test_an_absolute_span_is_the_same_in_all_zones(zone_and_wall, length, other_zone):
    zone, wall = zone_and_wall
    now = wall.replace(tzinfo=UTC) - timedelta(hours=1)
    absolute = span_of(wall, length, is_local=False)
    assert moments(absolute, zone, now=now) == moments(absolute, other_zone, now=now)


@given(ZONES, st.datetimes())
@settings(max_examples=300)
def test_no_year_raises_anything_but_a_value_error(zone, moment):
    for read in (lambda: instant(moment, zone), lambda: wall_clock(moment.replace(tzinfo=UTC), zone)):
        try:
            read()
        except ValueError as error:
            assert "years 1 and 9999" in str(error)
