from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from soroka.domain.send_window import WEEK, BadHours, SendWindow, parse_holidays

NEW_YEAR = date(2027, 1, 1)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("09:00-21:00", {"from": "09:00", "to": "21:00", "days": [1, 2, 3, 4, 5, 6, 7]}),
        (" 09:00-21:00  1-5 ", {"from": "09:00", "to": "21:00", "days": [1, 2, 3, 4, 5]}),
        ("09:00-21:00 1,3-4,7", {"from": "09:00", "to": "21:00", "days": [1, 3, 4, 7]}),
        ("21:30-06:15", {"from": "21:30", "to": "06:15", "days": [1, 2, 3, 4, 5, 6, 7]}),
        ("00:00-24:00 6", {"from": "00:00", "to": "24:00", "days": [6]}),
        ("18:00-00:00", {"from": "18:00", "to": "24:00", "days": [1, 2, 3, 4, 5, 6, 7]}),
        ("00:00-00:01", {"from": "00:00", "to": "00:01", "days": [1, 2, 3, 4, 5, 6, 7]}),
    ],
)
def test_it_reads_hours_and_days(text, shown):
    window = SendWindow.parse(text)
    assert window.to_json() == shown | {"holidays": []}
    assert SendWindow.from_json(window.to_json()) == window


@pytest.mark.parametrize(
    "text",
    ["", "9-21", "09:00", "09:00-25:00", "24:00-09:00", "09:60-10:00", "09:00-09:00", "09:00-21:00 0", "09:00-21:00 8",
     "09:00-21:00 5-1", "09:00-21:00 1,", "09:00-21:00 mon", "09:00-21:00 1-3-5", "٠٩:٠٠-21:00", "09:00–21:00"],
)  # fmt: skip
def test_it_refuses_what_is_no_window(text):
    with pytest.raises(BadHours):
        SendWindow.parse(text)


def test_a_window_opens_on_some_day():
    with pytest.raises(BadHours, match="a day"):
        SendWindow.between("09:00", "21:00", frozenset())


def test_it_reads_holidays():
    assert parse_holidays("") == frozenset()
    assert parse_holidays(" 2027-01-01, 2027-05-09,") == {NEW_YEAR, date(2027, 5, 9)}
    for bad in ("2027-02-30", "01.01.2027", "2027-01-01 2027-01-02"):
        with pytest.raises(BadHours, match="2027-01-01"):
            parse_holidays(bad)


@pytest.mark.parametrize(
    ("narrow", "wide", "within"),
    [
        ("09:00-21:00", "09:00-21:00", True),
        ("10:00-20:00 1-5", "09:00-21:00", True),
        ("08:59-20:00", "09:00-21:00", False),
        ("10:00-21:01", "09:00-21:00", False),
        ("09:00-21:00", "09:00-21:00 1-6", False),
        ("21:00-09:00", "09:00-21:00", False),
        ("22:00-05:00", "21:00-06:00", True),
        ("22:00-23:00", "21:00-06:00", True),
        ("01:00-05:00", "21:00-06:00", True),
        ("01:00-05:00 6", "21:00-06:00 5", True),
        ("01:00-05:00 5", "21:00-06:00 5", False),
        ("01:00-05:00 1", "21:00-06:00 7", True),
        ("05:00-07:00", "21:00-06:00", False),
        ("12:00-13:00", "00:00-24:00", True),
    ],
)
def test_it_knows_what_is_narrower(narrow, wide, within):
    assert SendWindow.parse(narrow).within(SendWindow.parse(wide)) is within


def test_fewer_holidays_are_wider():
    some, none = SendWindow.parse("09:00-21:00", frozenset({NEW_YEAR})), SendWindow.parse("09:00-21:00")
    assert some.within(none)
    assert not none.within(some)
    night = SendWindow.parse("21:00-06:00", frozenset({NEW_YEAR}))
    assert not SendWindow.parse("01:00-05:00", frozenset({NEW_YEAR})).within(night)
    assert SendWindow.parse("01:00-05:00", frozenset({date(2027, 1, 2)})).within(night)


def test_a_holiday_opens_no_window_and_shuts_none_that_is_open():
    night = SendWindow.between("22:00", "02:00", WEEK, frozenset({NEW_YEAR}))
    found = night.openings(
        ZoneInfo("Asia/Kathmandu"), datetime(2026, 12, 31, tzinfo=UTC), datetime(2027, 1, 3, tzinfo=UTC)
    )
    assert [each.opens_at.isoformat()[:16] for each in found] == ["2026-12-31T16:15", "2027-01-02T16:15"]


def test_the_first_opening_is_near_however_far_the_end():
    openings = SendWindow.parse("00:00-24:00").openings(
        ZoneInfo("UTC"), datetime(2026, 1, 1, 7, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
    )
    first, second = next(openings), next(openings)
    assert first.opens_at == datetime(2026, 1, 1, 7, tzinfo=UTC)
    assert first.closes_at == second.opens_at == datetime(2026, 1, 2, tzinfo=UTC)
