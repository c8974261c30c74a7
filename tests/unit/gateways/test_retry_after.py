from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soroka.gateways.retry_after import seconds_to_wait

NOW = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
DAY = 86400.0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 5 ", 5.0),
        ("86400", DAY),
        ("99999999", DAY),
        ("9" * 5000, DAY),
        ("Fri, 27 Nov 2026 07:02:00 GMT", 120.0),
        ("Fri, 27 Nov 2026 10:02:00 +0300", 120.0),
        ("Fri, 27 Nov 2026 07:02:00 -0000", 120.0),
        ("Friday, 27-Nov-26 07:02:00 GMT", 120.0),
        ("Fri Nov 27 07:02:00 2026", 120.0),
        ("Fri, 27 Nov 2026 06:00:00 GMT", 0.0),
        ("Sun, 27 Nov 2044 07:00:00 GMT", DAY),
    ],
)
def test_it_reads_seconds_and_dates(header, seconds):
    assert seconds_to_wait(header, NOW) == seconds


@pytest.mark.parametrize(
    "header", [None, "", "soon", "-5", "1.5", "1e3", "nan", "inf", "٣", "1_000", "Fri, 99 Nov 2026 07:00:00 GMT"]
)
def test_it_takes_nothing_from_what_it_cannot_read(header):
    assert seconds_to_wait(header, NOW) is None


@given(st.text() | st.from_regex(r"\w{3}, \d{1,3} \w{3} \d{1,6} \d+:\d+:\d+ [+-]?\w*", fullmatch=True))
def test_it_bears_anything(header):
    seconds = seconds_to_wait(header, NOW)
    assert seconds is None or 0 <= seconds <= DAY
