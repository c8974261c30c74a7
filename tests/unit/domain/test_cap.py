import pytest

from soroka.domain.cap import BadCap, Cap


def test_it_is_written_as_messages_over_days() -> None:
    assert Cap.parse("3/7") == Cap(messages=3, days=7)
    assert Cap.parse("") is None


@pytest.mark.parametrize("written", ["3", "3/", "/7", "3 / 7", "0/7", "3/0", "-1/7", "1001/7", "3/367", "٣/7", "3/7/1"])
def test_what_is_no_cap_is_refused(written: str) -> None:
    with pytest.raises(BadCap):
        Cap.parse(written)


@pytest.mark.parametrize(
    ("own", "kept"),
    [
        (Cap(3, 7), True),
        (Cap(1, 7), True),
        (Cap(3, 30), True),
        (Cap(4, 7), False),
        (Cap(1, 1), False),  # seven in seven days
    ],
)
def test_it_keeps_another_with_no_more_messages_in_no_shorter_time(own: Cap, kept: bool) -> None:
    assert own.keeps(Cap(3, 7)) is kept
