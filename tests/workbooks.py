"""Workbooks, written by hand: what spreadsheets save, and what attackers do."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.'
    'sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="r1" Type="{_RELATION}/{{kind}}" Target="{{target}}"/></Relationships>'
)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_BOOK = (
    f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATION}"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets>'
    "</workbook>"
)


def workbook(rows: Iterable[Sequence[str | int | float]]) -> bytes:
    """A workbook with one sheet; numbers are numbers."""
    return archive(f"<worksheet xmlns='{_MAIN}'><sheetData>{''.join(_rows(rows))}</sheetData></worksheet>")


def archive(sheet: str) -> bytes:
    """A workbook whose sheet is this XML."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", _TYPES)
        book.writestr("_rels/.rels", _RELATIONS.format(kind="officeDocument", target="xl/workbook.xml"))
        book.writestr("xl/workbook.xml", _BOOK)
        book.writestr("xl/_rels/workbook.xml.rels", _RELATIONS.format(kind="worksheet", target="worksheets/sheet1.xml"))
        book.writestr("xl/worksheets/sheet1.xml", sheet)
    return out.getvalue()


def bomb(size: int, *, honest: bool = True) -> bytes:
    """A workbook whose sheet unpacks to so many bytes of blanks, and says so if it is honest."""
    out = io.BytesIO(archive(""))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as book, book.open("xl/worksheets/sheet1.xml", "w") as file:
        file.write(f"<worksheet xmlns='{_MAIN}'><sheetData><row><c t='inlineStr'><is><t>".encode())
        for _ in range(0, size, 2**20):
            file.write(b"a" * 2**20)
    return out.getvalue() if honest else claiming(out.getvalue(), 100)


def claiming(book: bytes, size: int) -> bytes:
    """The same archive, whose list of contents says of every file that it unpacks to so many bytes."""
    changed = bytearray(book)
    at = changed.find(b"PK\x01\x02")
    while at >= 0:
        changed[at + 24 : at + 28] = size.to_bytes(4, "little")
        at = changed.find(b"PK\x01\x02", at + 4)
    return bytes(changed)


def _rows(rows: Iterable[Sequence[str | int | float]]) -> Iterable[str]:
    for row in rows:
        yield f"<row>{''.join(_cell(value) for value in row)}</row>"


def _cell(value: str | int | float) -> str:
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f"<c><v>{value}</v></c>"
