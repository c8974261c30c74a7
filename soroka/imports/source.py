"""Where rows come from: the text of a kept CSV file, or of a workbook that was turned into one."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from soroka.imports.encoding import UTF_16
from soroka.imports.header import Header, Wish, read_header, said_delimiter
from soroka.imports.sheet import opened_sheet
from soroka.imports.table import Row, read_table
from soroka.imports.unreadable import UnreadableFile
from soroka.models import ClientImport, ImportChunk

_BUFFER = 128 * 1024


@dataclass(frozen=True, slots=True)
class Source:
    """rows: those of the file, the header among them.  share: how much of the file was read, 0 to 1, after a row."""

    rows: Iterator[Row]
    share: Callable[[Row], float]


@contextmanager
def opened(client_import: ClientImport) -> Iterator[Source]:
    """The rows of an import's file. Raises UnreadableFile, here or with a row."""
    kept = Kept(client_import.pk)
    if client_import.is_workbook:
        with opened_sheet(kept) as (text, height):
            rows = read_table(text, client_import.delimiter, one_line_each=True)
            yield Source(rows, lambda row: row.line / max(height, row.line))
    else:
        rows = read_table(decoded(io.BufferedReader(kept, _BUFFER), client_import.encoding), client_import.delimiter)
        yield Source(rows, lambda _: kept.position / client_import.size)


def decoded(file: IO[bytes], encoding: str) -> io.TextIOWrapper:
    """The text of a file. What cannot be decoded comes out as lone surrogates, in UTF-16 as U+FFFD."""
    errors = "replace" if encoding == UTF_16 else "surrogateescape"
    return io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="")


def header_of(rows: Iterator[Row], wish: Wish) -> Header:
    """Take the header off the rows. Raises UnreadableFile."""
    return read_header(header_cells(rows), wish)


def header_cells(rows: Iterator[Row]) -> list[str]:
    """Take the header off the rows, whatever its cells say. Raises UnreadableFile."""
    row = next(rows, None)
    if row and said_delimiter(row.text):
        row = next(rows, None)
    if row is None:
        raise UnreadableFile("The file is empty. Its first line must name the columns, and one of them: phone.")
    if row.fault:
        raise UnreadableFile(f"The header cannot be read. {row.fault}")
    return row.cells


class Kept(io.RawIOBase):
    """The bytes of a kept file, a piece in memory at a time. position: how many were read."""

    def __init__(self, import_id: int) -> None:
        super().__init__()
        self.position = 0
        self._pieces = _pieces(import_id)
        self._piece = memoryview(b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: "memoryview[int]") -> int:  # type: ignore[override]  # its own type is of no module
        """See ``io.RawIOBase``."""
        self._piece = self._piece or memoryview(next(self._pieces, b""))
        size = min(len(buffer), len(self._piece))
        buffer[:size] = self._piece[:size]
        self._piece = self._piece[size:]
        self.position += size
        return size


def _pieces(import_id: int) -> Iterator[bytes]:
    """By one statement each: no cursor is left open over the slices that are written meanwhile."""
    number = 0
    kept = ImportChunk.objects.filter(client_import=import_id).values_list("content", flat=True)
    while piece := kept.filter(number=number).first():
        yield bytes(piece)
        number += 1
