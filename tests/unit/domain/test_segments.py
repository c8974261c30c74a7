from dataclasses import replace

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

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
    assert replace(segments(text), forced_by=()) == expected


@pytest.mark.parametrize(
    ("text", "forced_by"),
    [
        ("Hello, €5 [now]", ()),
        ("naïve – café", ("ï", "–")),  # é is in the alphabet, ï is not
        ("Ёлка ёлка", ("Ё", "л", "к", "а", "ё")),
        ("cafe\u0301", ("\u0301",)),  # a combining accent is a character of its own
        ("ok 🙂🙂", ("🙂",)),
        ("\x1b", ("\x1b",)),  # the escape announces another character and is none itself: GSM 03.38, 6.2.1.1
        ("абвгдежзийклм", tuple("абвгдежзий")),  # the first ten
    ],
)
def test_it_names_what_forces_the_larger_alphabet(text: str, forced_by: tuple[str, ...]) -> None:
    assert segments(text).forced_by == forced_by


#: Both alphabets, the escaped characters, what takes a surrogate pair, and what is added to a letter.
CHARACTERS = st.one_of(
    st.sampled_from(smsutil.codecs.GSM_CHARSET.replace("\x1b", "")),
    st.sampled_from("^{}\\[~]|€\f"),
    st.characters(min_codepoint=0x300, max_codepoint=0x36F),
    st.characters(min_codepoint=0x10000),
    st.characters(exclude_categories=["Cs"], exclude_characters="\x1b"),
)
TEXTS = st.one_of(
    st.text(st.sampled_from(smsutil.codecs.GSM_CHARSET.replace("\x1b", "")), min_size=1, max_size=700),
    st.text(st.sampled_from("aя€🙂"), min_size=1, max_size=400),
    st.text(CHARACTERS, min_size=1, max_size=400),
)


@given(TEXTS)
def test_it_counts_as_another_program_does(text: str) -> None:
    """Left out is what ``smsutil`` gets wrong: it takes the escape for a character, and the empty text for UCS-2."""
    counted, other = segments(text), smsutil.split(text)
    width = 1 if other.encoding == "gsm0338" else 2
    assert counted.encoding == ("GSM-7" if width == 1 else "UCS-2")
    assert counted.units == other.total_bytes // width
    assert counted.segments == len(other.parts)
