from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from soroka.domain.schedule import (
    BadSpan,
    Moments,
    Span,
    UnknownZone,
    instant,
    known_zone,
    moments,
    read_moment,
    wall_clock,
    zone_names,
)

MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = ZoneInfo("Europe/Berlin")
VLADIVOSTOK = ZoneInfo("Asia/Vladivostok")
KALININGRAD = ZoneInfo("Europe/Kaliningrad")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def span(start: str, end: str, *, local: bool = True, zone: str = "Europe/Moscow") -> Span:
    """Both times as the operator writes them, without an offset, in the service's zone."""
    return Span(read_moment(start, ZoneInfo(zone)), read_moment(end, ZoneInfo(zone)), local, zone)


LONG_AGO = at("2020-01-01T00:00Z")

# --- Zones


@pytest.mark.parametrize("name", ["Europe/Moscow", "Asia/Kamchatka", "UTC", "America/Argentina/Ushuaia"])
def test_it_knows_iana_zones(name):
    assert known_zone(name).key == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "../etc/passwd",
        "Europe/../Europe/Moscow",
        "/usr/share/zoneinfo/Europe/Moscow",
        "Europe/Moscow\0",
        "Europe/Moscow ",
        "europe/moscow",
        "localtime",
        "posixrules",
        "Factory",
        "posix/Europe/Moscow",
        "right/Europe/Moscow",
        "Europe",
        "tzdata.zi",
        "MSK-3",
        "UTC+3",
        "<+03>-3",
        "+03:00",
        "Europe/Moscow" * 1000,
        "\ud800",
        None,
        3,
        ["Europe/Moscow"],
    ],
)
def test_it_refuses_what_is_not_an_iana_zone(name):
    with pytest.raises(UnknownZone, match="not an IANA time zone") as refusal:
        known_zone(name)
    assert len(str(refusal.value)) < 200


def test_it_can_load_every_zone_that_it_offers():
    assert {known_zone(name).key for name in zone_names()} == zone_names()


# --- Wall clocks and instants


def test_it_reads_a_wall_clock():
    assert wall_clock(at("2026-11-27T07:00Z"), VLADIVOSTOK) == wall("2026-11-27T17:00")


def test_it_finds_the_instant_of_a_wall_clock():
    assert instant(wall("2026-11-27T10:00"), VLADIVOSTOK) == at("2026-11-27T00:00Z")


def test_it_moves_a_time_in_a_gap_forward_by_the_gap():
    assert instant(wall("2026-03-29T02:30"), BERLIN) == at("2026-03-29T03:30+02:00")


def test_it_moves_a_skipped_day_to_the_next():
    assert instant(wall("2011-12-30T10:00"), ZoneInfo("Pacific/Apia")) == at("2011-12-31T10:00+14:00")


def test_it_takes_the_first_of_a_time_that_exists_twice():
    assert instant(wall("2026-10-25T02:30"), BERLIN) == at("2026-10-25T02:30+02:00")
    assert instant(wall("2026-10-25T02:30").replace(fold=1), BERLIN) == at("2026-10-25T02:30+02:00")


def test_a_wall_clock_forgets_which_of_two_equal_times_it_was():
    assert wall_clock(at("2026-10-25T02:30+01:00"), BERLIN).fold == 0


def test_it_never_takes_the_zone_of_the_machine():
    with pytest.raises(ValueError, match="UTC offset"):
        wall_clock(wall("2026-11-27T10:00"), MOSCOW)
    with pytest.raises(ValueError, match="UTC offset"):
        instant(at("2026-11-27T10:00Z"), MOSCOW)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Moscow", "UTC"])
@pytest.mark.parametrize("edge", [datetime.min, datetime.max])  # noqa: DTZ901
def test_it_raises_nothing_but_value_errors_at_the_ends_of_the_calendar(zone, edge):
    for action in (
        lambda: wall_clock(edge.replace(tzinfo=UTC), ZoneInfo(zone)),
        lambda: instant(edge, ZoneInfo(zone)),
        lambda: read_moment(edge, ZoneInfo(zone)),
        lambda: read_moment(edge.replace(tzinfo=timezone(timedelta(hours=14))), ZoneInfo(zone)),
        lambda: read_moment(edge.replace(tzinfo=timezone(timedelta(hours=-12))), ZoneInfo(zone)),
    ):
        try:
            action()
        except ValueError as error:
            assert "years 1 and 9999" in str(error)


def test_it_names_the_ends_of_the_calendar():
    with pytest.raises(ValueError, match="years 1 and 9999"):
        instant(wall("0001-01-01T00:00"), MOSCOW)


# --- Reading a moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-27T10:00", "2026-11-27T07:00Z"),
        ("2026-11-27 10:00:00", "2026-11-27T07:00Z"),
        ("2026-11-27T10:00:00+10:00", "2026-11-27T00:00Z"),
        ("2026-11-27T10:00:00Z", "2026-11-27T10:00Z"),
        ("2026-11-27T10:00:00.250+03:00", "2026-11-27T07:00:00.250Z"),
        (wall("2026-11-27T10:00"), "2026-11-27T07:00Z"),
        (datetime(2026, 11, 27, 10, tzinfo=VLADIVOSTOK), "2026-11-27T00:00Z"),
    ],
)
def test_it_reads_a_time_without_an_offset_in_the_services_zone(text, expected):
    moment = read_moment(text, MOSCOW)
    assert (moment, moment.tzinfo) == (at(expected), UTC)


@pytest.mark.parametrize("text", ["2026-11-27", "20261127", "2026-W48-5"])
def test_it_refuses_a_date_without_a_time(text):
    with pytest.raises(ValueError, match="needs a time"):
        read_moment(text, MOSCOW)


@pytest.mark.parametrize("text", ["", "tomorrow", "27.11.2026 10:00", "2026-02-30T10:00", "2026-11-27T25:00", "\ud800"])
def test_it_says_how_to_write_a_time(text):
    with pytest.raises(ValueError, match=r"write it like 2026-11-27T10:00 or"):
        read_moment(text, MOSCOW)


# --- Spans


@pytest.mark.parametrize("end", ["2026-11-27T10:00", "2026-11-27T09:59"])
@pytest.mark.parametrize("local", [True, False])
def test_it_refuses_a_span_that_does_not_end_after_its_start(end, local):
    with pytest.raises(BadSpan, match="end must be after the start"):
        span("2026-11-27T10:00", end, local=local)


def test_it_refuses_a_local_span_that_ends_before_its_start_by_the_clocks_on_the_wall():
    first, second = at("2026-10-25T02:50+02:00"), at("2026-10-25T02:10+01:00")
    assert Span(first, second, local=False, zone="Europe/Berlin")
    with pytest.raises(BadSpan, match="wall clock of Europe/Berlin"):
        Span(first, second, local=True, zone="Europe/Berlin")


def test_a_span_says_what_the_clocks_of_the_service_show():
    shown = span("2026-11-27T10:00", "2026-11-27T20:00")
    assert (shown.local_start, shown.local_end) == (wall("2026-11-27T10:00"), wall("2026-11-27T20:00"))


# --- Moments of a zone


@pytest.mark.parametrize(
    ("zone", "due", "expires"),
    [
        (VLADIVOSTOK, "2026-11-27T10:00+10:00", "2026-11-27T20:00+10:00"),
        (MOSCOW, "2026-11-27T10:00+03:00", "2026-11-27T20:00+03:00"),
        (KALININGRAD, "2026-11-27T10:00+02:00", "2026-11-27T20:00+02:00"),
    ],
)
def test_ten_oclock_is_ten_oclock_everywhere(zone, due, expires):
    due_there = moments(span("2026-11-27T10:00", "2026-11-27T20:00"), zone, now=LONG_AGO)
    assert due_there == Moments(at(due), at(expires), at(expires))
    assert not due_there.expired


@pytest.mark.parametrize("zone", [VLADIVOSTOK, MOSCOW, KALININGRAD])
def test_an_absolute_span_is_the_same_everywhere(zone):
    absolute = span("2026-11-27T10:00", "2026-11-27T20:00", local=False)
    assert moments(absolute, zone, now=LONG_AGO) == Moments(
        at("2026-11-27T07:00Z"), at("2026-11-27T17:00Z"), at("2026-11-27T17:00Z")
    )


def test_a_client_whose_start_has_passed_is_due_at_once():
    now = at("2026-11-27T07:00Z")  # 10:00 in Moscow, 17:00 in Vladivostok
    due_there = moments(span("2026-11-27T10:00", "2026-11-27T20:00"), VLADIVOSTOK, now=now)
    assert due_there == Moments(now, at("2026-11-27T10:00Z"), at("2026-11-27T10:00Z"))
    assert not due_there.expired


@pytest.mark.parametrize(("now", "expired"), [("2026-11-27T09:59:59Z", False), ("2026-11-27T10:00Z", True)])
def test_a_client_is_expired_from_the_end_on(now, expired):
    due_there = moments(span("2026-11-27T10:00", "2026-11-27T20:00"), VLADIVOSTOK, now=at(now))
    assert due_there.expired is expired


@pytest.mark.parametrize(
    ("start", "end", "due", "expires", "expired"),
    [
        # In Berlin the clocks jump from 02:00 to 03:00 on that night.
        ("01:30", "02:30", "01:30+01:00", "03:30+02:00", False),
        ("02:10", "02:50", "03:10+02:00", "03:50+02:00", False),
        ("02:30", "04:00", "03:30+02:00", "04:00+02:00", False),
        ("02:30", "03:30", "03:30+02:00", "03:30+02:00", True),
        ("02:30", "03:10", "03:30+02:00", "03:30+02:00", True),
    ],
)
def test_a_span_at_a_gap_is_shorter_or_empty_but_never_upside_down(start, end, due, expires, expired):
    night = span(f"2026-03-29T{start}", f"2026-03-29T{end}")
    due_there = moments(night, BERLIN, now=LONG_AGO)
    assert due_there == Moments(at(f"2026-03-29T{due}"), at(f"2026-03-29T{expires}"), at(f"2026-03-29T{expires}"))
    assert due_there.expired is expired


@pytest.mark.parametrize(
    ("start", "end", "due", "expires"),
    [
        # In Berlin 02:00 to 03:00 is shown twice on that night.
        ("01:30", "02:30", "01:30+02:00", "02:30+02:00"),
        ("02:10", "02:50", "02:10+02:00", "02:50+02:00"),
        ("02:50", "03:10", "02:50+02:00", "03:10+01:00"),
    ],
)
def test_a_span_at_a_repeated_hour_starts_and_ends_with_the_first(start, end, due, expires):
    night = span(f"2026-10-25T{start}", f"2026-10-25T{end}")
    due_there = moments(night, BERLIN, now=LONG_AGO)
    assert due_there == Moments(at(f"2026-10-25T{due}"), at(f"2026-10-25T{expires}"), at(f"2026-10-25T{expires}"))
    assert not due_there.expired


def test_it_needs_to_know_what_now_means():
    with pytest.raises(ValueError, match="UTC offset"):
        moments(span("2026-11-27T10:00", "2026-11-27T20:00"), MOSCOW, now=wall("2026-11-27T10:00"))


def test_a_span_at_the_end_of_the_calendar_is_a_value_error():
    last_night = Span(at("9999-12-31T20:00Z"), at("9999-12-31T20:30Z"), local=True, zone="Europe/Moscow")
    with pytest.raises(ValueError, match="years 1 and 9999"):
        moments(last_night, ZoneInfo("Pacific/Pago_Pago"), now=LONG_AGO)
