"""A table as CSV."""

import csv
import io
import logging
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from soroka.domain.spreadsheet import defused
from soroka.exports.table import Cell, Table

#: Without it a spreadsheet takes UTF-8 for the encoding of its country.
_BYTE_ORDER_MARK = "\ufeff"
_LINES_A_CHUNK = 500

logger = logging.getLogger(__name__)


def as_csv(table: Table, *, separator: str, broken_off: str) -> Iterator[bytes]:
    """The file in pieces, UTF-8. What a spreadsheet would run is defused.

    broken_off: the last line where the rest could not be read. Only a line can say so: by then the answer has begun,
    and its end would look like that of a whole file.
    """
    file = io.StringIO()
    writer = csv.writer(file, delimiter=separator)
    lines = chain([table.columns], table.rows)
    file.write(_BYTE_ORDER_MARK)
    try:
        while chunk := list(islice(lines, _LINES_A_CHUNK)):
            writer.writerows(map(_harmless, chunk))
            yield _taken(file)
    except Exception:
        logger.exception("An export broke off")
        writer.writerow([broken_off])
        yield _taken(file)


def _harmless(cells: Iterable[Cell]) -> list[Cell]:
    return [defused(cell) if isinstance(cell, str) else cell for cell in cells]


def _taken(file: io.StringIO) -> bytes:
    """What was written since the last time."""
    written = file.getvalue().encode()
    file.seek(0)
    file.truncate()
    return written
