import pytest

from soroka.domain.segments import Segments, segments


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Segments("GSM-7", 0, 1)),
        ("a" * 160, Segments("GSM-7", 160, 1)),
        ("a" * 161, Segments("GSM-7", 161, 2)),
        ("a" * 306, Segments("GSM-7", 306, 2)),
        ("a" * 307, Segments("GSM-7", 307, 3)),
        ("€" * 80, Segments("GSM-7", 160, 1)),
        ("a" * 152 + "€" + "a" * 152, Segments("GSM-7", 306, 3)),  # the euro does not fit into the first and is not cut
        ("я" * 70, Segments("UCS-2", 70, 1)),
        ("я" * 71, Segments("UCS-2", 71, 2)),
        ("я" * 134, Segments("UCS-2", 134, 2)),
        ("я" * 135, Segments("UCS-2", 135, 3)),
        ("a" * 69 + "я", Segments("UCS-2", 70, 1)),
        ("🙂" * 35, Segments("UCS-2", 70, 1)),
        ("я" * 66 + "🙂" + "я" * 66, Segments("UCS-2", 134, 3)),  # a surrogate pair is not cut either
    ],
)
def test_it_counts_units_and_segments(text: str, expected: Segments) -> None:
    assert segments(text) == expected
