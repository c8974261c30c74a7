"""What the bytes of a file are."""

import pytest

from soroka.imports.encoding import CP1251, UTF_8, UTF_16, Guess, is_mixed, refuse_others
from soroka.imports.unreadable import UnreadableFile

TEXT = "phone;имя\n79161234567;Ёлкина № 5\n"


def guess(content: bytes, size: int = 7) -> str:
    found = Guess()
    for start in range(0, len(content), size):
        found.feed(content[start : start + size])
    return found.encoding


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"", UTF_8),
        (b"phone\n", UTF_8),
        (TEXT.encode(), UTF_8),
        (TEXT.encode("utf-8-sig"), UTF_8),
        (TEXT.encode("utf-16"), UTF_16),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), UTF_16),
        (TEXT.encode("cp1251"), CP1251),
        ("имя\n".encode() * 3 + "имя\n".encode("cp1251"), UTF_8),
        ("имя\n".encode() + "имя\n".encode("cp1251") * 3, CP1251),
        (b"phone\n" * 10_000 + "имя".encode("cp1251"), CP1251),
    ],
)
@pytest.mark.parametrize("size", [3, 4096])
def test_it_is_told_by_its_bytes(content, encoding, size):
    assert guess(content, size) == encoding


@pytest.mark.parametrize(
    ("text", "encoding", "mixed"),
    [
        ("Анна", CP1251, False),
        ("Анна".encode().decode("cp1251", "surrogateescape"), CP1251, True),
        ("Anna", CP1251, False),
        ("Анна", UTF_8, False),
    ],
)
def test_a_row_in_another_encoding_than_its_file_shows(text, encoding, mixed):
    assert is_mixed(text, encoding) is mixed


@pytest.mark.parametrize(
    "head", [b"%PDF-1.7", b"\x89PNG\r\n", b"\xd0\xcf\x11\xe0\xa1", b"\xff\xd8\xff\xe0", b"GIF89a", b"\x1f\x8b\x08"]
)
def test_what_is_no_table_is_named(head):
    with pytest.raises(UnreadableFile, match=r"This is .*Hand in CSV or XLSX"):
        refuse_others(head)
