"""What the bytes of a file are: told by what it begins with, and by counting."""

import codecs

from soroka.imports.unreadable import UnreadableFile

UTF_8, UTF_16, CP1251 = "utf-8-sig", "utf-16", "cp1251"
#: What a workbook begins with: it is a ZIP archive.
WORKBOOK = b"PK\x03\x04"
_PICTURE = "This is a picture. Hand in CSV or XLSX."
_PACKED = "This is a packed file; unpack it first. Hand in CSV or XLSX."
_OTHERS = {
    b"\xd0\xcf\x11\xe0": "This is an old Excel workbook; save it as .xlsx or CSV. Hand in CSV or XLSX.",
    b"%PDF": "This is a PDF. Hand in CSV or XLSX.",
    b"\x89PNG": _PICTURE,
    b"\xff\xd8\xff": _PICTURE,
    b"GIF8": _PICTURE,
    b"\x1f\x8b": _PACKED,
    b"7z\xbc\xaf": _PACKED,
    b"Rar!": _PACKED,
}


def refuse_others(head: bytes) -> None:
    """Raises UnreadableFile where a file begins like something that is known not to be a table."""
    for beginning, sentence in _OTHERS.items():
        if head.startswith(beginning):
            raise UnreadableFile(sentence)


class Guess:
    """Whether a file is UTF-8, UTF-16 or CP1251; it is fed all of it, piece by piece.

    A byte order mark decides. Without one it is CP1251 where more bytes cannot be UTF-8 than characters beyond ASCII
    can: rows that are written otherwise than most of the file are then found one by one, and refused.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._head = b""
        self._sound = self._broken = 0

    def feed(self, piece: bytes) -> None:
        """Look at the next piece, of any size."""
        self._head = self._head or piece[:2]
        text = self._decoder.decode(piece)
        if not text.isascii():
            sound = text.encode("utf-8", "ignore")
            self._broken += len(text) - len(sound.decode())
            self._sound += len(sound.decode()) - len(sound.decode("ascii", "ignore"))

    @property
    def encoding(self) -> str:
        """Its name in Python."""
        if self._head in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return UTF_16
        return CP1251 if self._broken > self._sound else UTF_8


def is_mixed(text: str, encoding: str) -> bool:
    """Whether a text that was read as CP1251 was written as UTF-8, to judge by its bytes."""
    if encoding != CP1251 or text.isascii():
        return False
    try:
        text.encode(CP1251, "surrogateescape").decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
