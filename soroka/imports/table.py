"""The rows of a text that is CSV, each with its line, whatever is wrong with some of them."""

import csv
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple, TextIO

from soroka.imports.unreadable import UnreadableFile

#: Characters of a line. A file without line ends must not fill the memory.
LONGEST_LINE = 131_072
#: Lines of a row: a quote that was not closed within so many is taken for one that never is.
MOST_LINES = 100
#: Rows whose quote never closes, after which a file is given up: each costs reading ``MOST_LINES`` lines twice.
MOST_OPEN = 1_000
#: Characters that are kept of a line that is too long.
KEPT = 1_000

csv.field_size_limit(LONGEST_LINE)


class Row(NamedTuple):
    """A row. line: where it begins; the header is 1.  text: as it stands in the file.  cells: none with a ``fault``."""

    line: int
    text: str
    cells: list[str]
    fault: str = ""


class _Cut(str):
    """What is kept of a line that is too long."""

    __slots__ = ()


class _CannotGoOn(Exception):
    """The row that was begun has no end that could be read."""


def read_table(text: TextIO, delimiter: str, *, one_line_each: bool = False) -> Iterator[Row]:
    """The rows, header included, those without a value left out; the memory is bounded.

    text: opened with ``newline=""``.  one_line_each: a row counts as one line, as in a sheet, whatever breaks its
    cells have.  A quote that never closes costs its own line, and not those that follow.
    Raises UnreadableFile where that happens again and again.
    """
    return _Table(text, delimiter).rows(one_line_each)


class _Table:
    def __init__(self, text: TextIO, delimiter: str) -> None:
        self._text = text
        self._delimiter = delimiter
        #: Lines that were read and are to be read again.
        self._back: deque[str] = deque()
        #: The lines of the present row.
        self._taken: list[str] = []
        self._open = 0

    def rows(self, one_line_each: bool) -> Iterator[Row]:
        line = 1
        reader = self._reader()
        taken = self._taken
        while True:
            taken.clear()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (csv.Error, _CannotGoOn):
                yield self._refused(line)
                line += 1
                reader = self._reader()
                continue
            if any(cells):
                yield Row(line, taken[0] if len(taken) == 1 else "".join(taken), cells)
            line += 1 if one_line_each else len(taken)

    def _reader(self) -> Iterator[list[str]]:
        return csv.reader(self._lines(), delimiter=self._delimiter, strict=True)

    def _lines(self) -> Iterator[str]:
        taken = self._taken
        while line := self._back.popleft() if self._back else self._line():
            taken.append(line)
            if type(line) is _Cut or (len(taken) > 1 and self._is_too_much()):
                raise _CannotGoOn
            yield line

    def _is_too_much(self) -> bool:
        return len(self._taken) > MOST_LINES or sum(map(len, self._taken)) > LONGEST_LINE

    def _line(self) -> str:
        line = self._text.readline(LONGEST_LINE)
        if len(line) < LONGEST_LINE or line[-1] in "\r\n":
            return line
        while (more := self._text.readline(LONGEST_LINE)) and more[-1] not in "\r\n":
            pass
        return _Cut(line[:KEPT])

    def _refused(self, line: int) -> Row:
        """The first of the lines that were taken, alone: the others are read anew, as rows of their own."""
        first, *others = self._taken
        self._back.extendleft(reversed(others))
        if type(first) is _Cut:
            return Row(line, first, [], f"The line is longer than {LONGEST_LINE} characters.")
        self._open += bool(others)
        if self._open > MOST_OPEN:
            raise UnreadableFile(
                f"Quotes are opened and not closed in more than {MOST_OPEN} rows, such as line {line}."
            )
        return Row(line, first, [], "A quote is not closed, or stands inside of a quoted cell without being doubled.")
