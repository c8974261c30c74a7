"""The CSV of an import: which dialect it is, and its rows one by one."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

DELIMITERS = ",;\t"
#: Columns with a meaning of their own. ``phone`` must be there; every other column is an attribute.
KNOWN = frozenset({"phone", "operator_code", "tags", "timezone"})
MOST_COLUMNS = 100
LONGEST_NAME = 64
#: Characters of a line that are looked at in one piece: a file without line ends must not fill the memory.
LONGEST_LINE = 131_072


class UnreadableFile(ValueError):
    """The header cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file. line: where it ends, the header is 1. cells: by column, none where there is a ``fault``."""

    line: int
    cells: dict[str, str]
    fault: str = ""


def read_rows(file: IO[bytes]) -> Iterator[Row]:
    """The rows after the header, empty ones left out; memory is bounded by one row.

    file: UTF-8 with or without a byte order mark, cells separated by comma, semicolon or tab.
    Raises UnreadableFile, at once and not at the first row. Bytes that are not UTF-8 come out as lone surrogates.
    """
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
    columns, delimiter = _header(text.readline(LONGEST_LINE))
    return _rows(text, columns, delimiter)


def _header(line: str) -> tuple[list[str], str]:
    for delimiter in DELIMITERS:
        columns = [_column(cell) for cell in next(csv.reader([line], delimiter=delimiter), [])]
        if "phone" in columns:
            _check_columns(columns)
            return columns, delimiter
    raise UnreadableFile("The first line must name the columns, and one of them must be: phone.")


def _column(cell: str) -> str:
    name = cell.strip()
    return name.lower() if name.lower() in KNOWN else name


def _check_columns(columns: list[str]) -> None:
    named = [name for name in columns if name]
    if len(columns) > MOST_COLUMNS:
        raise UnreadableFile(f"The file has more than {MOST_COLUMNS} columns.")
    if len(named) != len(set(named)):
        raise UnreadableFile("Two columns have the same name.")
    if any(len(name) > LONGEST_NAME or not name.isprintable() for name in named):
        raise UnreadableFile(f"The name of a column is longer than {LONGEST_NAME} characters, or is not UTF-8.")


class _Lines:
    """The lines after the header, a longer one in pieces; ``number`` is that of the line that was last read."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self.text = text
        self.number = 1
        self._is_over = True

    def __iter__(self) -> Iterator[str]:
        while piece := self.text.readline(LONGEST_LINE):
            self.number += self._is_over
            self._is_over = piece[-1] in "\r\n"
            yield piece


def _rows(text: io.TextIOWrapper, columns: list[str], delimiter: str) -> Iterator[Row]:
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield Row(lines.number, {}, f"The line cannot be read: {error}.")
            continue
        if cells is None:
            return
        if any(cells):
            yield _row(lines.number, columns, [cell.strip() for cell in cells])


def _row(line: int, columns: list[str], cells: list[str]) -> Row:
    if any(cells[len(columns) :]):
        return Row(line, {}, "There are more cells than columns. Put quotes around a cell that contains the separator.")
    return Row(line, {name: cell for name, cell in zip(columns, cells, strict=False) if name and cell})
