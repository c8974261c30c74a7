"""A table as XLSX: a ZIP of XML parts, each packed while it is written, so that a row is sent soon after it is read."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, count, islice
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from soroka.exports.table import Cell, Table

#: What a sheet and a cell hold; a ZIP without its 64-bit extension, which spreadsheets refuse, holds 2 GiB a part.
ROWS_A_SHEET = 1_048_576
LONGEST_CELL = 32_767
_BYTES_A_SHEET = 1 << 30
#: Beyond, the last digits of a number would be lost.
_LARGEST = 10**15
_PIECE = 1 << 16

# What XML cannot carry is written by its number, and so is what would be taken for such a writing.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

#: The header stays in sight, and columns are wide enough for a moment.
_SHEET_BEGINS = (
    f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2"'
    ' activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultColWidth="24"'
    ' defaultRowHeight="15"/><sheetData>'
).encode()
_SHEET_ENDS = b"</sheetData></worksheet>"


class _Outlet:
    """Takes what is written and hands it on. It cannot be wound back, so ``ZipFile`` writes sizes after the data."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = 0

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        self.size += len(piece)
        return len(piece)

    def flush(self) -> None:
        """Whoever takes it decides when."""

    def close(self) -> None:
        """There is nothing to close."""

    def taken(self) -> bytes:
        pieces, self._pieces, self.size = self._pieces, [], 0
        return b"".join(pieces)


def as_xlsx(table: Table) -> Iterator[bytes]:
    """The file in pieces. What does not fit into a sheet goes on in the next one, under the same header.

    Texts are texts there, whatever they begin with: nothing needs to be defused. One of more than ``LONGEST_CELL``
    characters is cut. Where the rest cannot be read the file lacks its end, and no program opens it.
    """
    outlet = _Outlet()
    rows = table.rows
    with ZipFile(outlet, "w", ZIP_DEFLATED, compresslevel=1) as file:
        first = list(islice(rows, 1))
        for number in count(1):
            with file.open(f"xl/worksheets/sheet{number}.xml", "w") as sheet:
                for piece in _sheet(table.columns, chain(first, islice(rows, ROWS_A_SHEET - 2))):
                    sheet.write(piece)
                    if outlet.size >= _PIECE:
                        yield outlet.taken()
            if not (first := list(islice(rows, 1))):
                break
        for name, part in _parts(number):
            file.writestr(name, part)
    yield outlet.taken()


def _sheet(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    yield _SHEET_BEGINS
    size = 0
    for number, cells in enumerate(chain([columns], rows), 1):
        row = _row(number, cells)
        yield row
        size += len(row)
        if size > _BYTES_A_SHEET:
            break
    yield _SHEET_ENDS


def _row(number: int, cells: Sequence[Cell]) -> bytes:
    written = [_cell(f"{_column(place)}{number}", cell) for place, cell in enumerate(cells) if cell not in (None, "")]
    return f'<row r="{number}">{"".join(written)}</row>\n'.encode()


def _cell(where: str, value: Cell) -> str:
    if not isinstance(value, str) and value is not None and abs(value) < _LARGEST:
        return f'<c r="{where}"><v>{value}</v></c>'
    text = escape(_UNWRITABLE.sub(_by_number, str(value)[:LONGEST_CELL]))
    return f'<c r="{where}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _by_number(found: re.Match[str]) -> str:
    return f"_x{ord(found[0]):04X}_"


@cache
def _column(place: int) -> str:
    """A to Z, then AA: the name of a column by its place from 0."""
    before, letter = divmod(place, 26)
    return (_column(before - 1) if before else "") + chr(ord("A") + letter)


def _parts(sheets: int) -> Iterator[tuple[str, str]]:
    """The parts that say what the others are: name and XML."""
    numbers = range(1, sheets + 1)
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for number in numbers
    )
    yield (
        "[Content_Types].xml",
        (
            f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
            ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>{types}</Types>'
        ),
    )
    yield "_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")])
    yield "xl/_rels/workbook.xml.rels", _relations([("worksheet", f"worksheets/sheet{n}.xml") for n in numbers])
    named = "".join(f'<sheet name="Sheet{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    yield (
        "xl/workbook.xml",
        (f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{named}</sheets></workbook>'),
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'
