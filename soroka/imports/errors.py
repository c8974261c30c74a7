"""The rows of an import that were refused, as CSV: with line, reason, and as they stand in the file."""

import csv
import io
from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.db import connection

from soroka.domain.spreadsheet import defused
from soroka.imports.header import ERROR, LINE
from soroka.models import ClientImport

#: Rows that are fetched together, and bytes after which no more are.
_PAGE = 2_000
_PAGE_BYTES = 8 * 1024**2

_NEXT = """
SELECT line, error, original
  FROM (SELECT *, sum(octet_length(original)) OVER (ORDER BY line) - octet_length(original) AS bytes_before
          FROM (SELECT line, error, original FROM soroka_importrow
                 WHERE client_import_id = %s AND line > %s AND error <> ''
                 ORDER BY line LIMIT %s) AS next) AS measured
 WHERE bytes_before IS NULL OR bytes_before < %s
 ORDER BY line
"""


class _Refusal(NamedTuple):
    line: int
    error: str
    original: bytes | None


def errors_csv(client_import: ClientImport, translated: Callable[[str], str]) -> Iterator[bytes]:
    """The refused rows so far, by line, in pieces; UTF-8 with a byte order mark, separated as the file is.

    translated: puts a reason into the reader's language.  Cells that a spreadsheet would run are defused, which an
    import takes back; so is the whole list taken, once it is corrected: its first two columns are passed over.
    """
    delimiter = client_import.delimiter
    yield b"\xef\xbb\xbf" + _written([[LINE, ERROR, *client_import.columns]], delimiter)
    for page in _pages(client_import):
        rows = ([str(row.line), translated(row.error), *_cells(row, delimiter)] for row in page)
        yield _written(rows, delimiter)


def _pages(client_import: ClientImport) -> Iterator[list[_Refusal]]:
    line = 0
    while page := _page(client_import, line):
        yield page
        line = page[-1].line


def _page(client_import: ClientImport, after: int) -> list[_Refusal]:
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [client_import.pk, after, _PAGE, _PAGE_BYTES])
        return [_Refusal(*row) for row in cursor.fetchall()]


def _cells(row: _Refusal, delimiter: str) -> list[str]:
    """The cells of a row; all of it as one cell where its quotes are not in order."""
    text = bytes(row.original or b"").decode("utf-8", "surrogateescape")
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), [])
    except csv.Error:
        return [text.rstrip("\r\n")]


def _written(rows: Iterator[list[str]] | list[list[str]], delimiter: str) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([defused(cell) for cell in cells] for cells in rows)
    return out.getvalue().encode("utf-8", "surrogateescape")
