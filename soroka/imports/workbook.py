"""The process that turns a workbook into CSV: ``python -m soroka.imports.workbook [seconds] < file.xlsx``.

It writes the number of rows, then the rows. A workbook that it refuses ends it with exit code 1 and a sentence on
stderr; one that exceeds its limits ends it by a signal or otherwise. It knows neither Django nor the database.
"""

import csv
import datetime
import resource
import sys
import zipfile
from collections.abc import Iterator, Sequence
from typing import TextIO

#: Bytes of memory, and seconds of CPU time, of which a workbook of a million rows needs about half.
MOST_MEMORY = 2 * 1024**3
MOST_SECONDS = 120
#: Bytes that a workbook says it unpacks to, and files in it.
MOST_UNPACKED = 2 * 1024**3
MOST_FILES = 10_000
#: Beyond it numbers of floating point are no exact integers.
_EXACT = 2**53
#: What a workbook is read from: the standard input, which is a file.
_FILE = "/dev/stdin"


class BadWorkbook(Exception):
    """A sentence for the person who made the file."""


def main() -> None:
    """Limit this process, and write the first sheet to standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    seconds = int(sys.argv[1]) if sys.argv[1:] else MOST_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        check_archive()
        write_sheet(open(sys.stdout.fileno(), "w", encoding="utf-8", newline="", closefd=False))  # noqa: SIM115
    except BadWorkbook as error:
        sys.exit(str(error))


def check_archive() -> None:
    """Raises BadWorkbook for what is no workbook, or says itself that it is too large."""
    try:
        with zipfile.ZipFile(_FILE) as archive:
            files = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise BadWorkbook("This is no workbook: its archive is damaged.") from None
    if len(files) > MOST_FILES or sum(file.file_size for file in files) > MOST_UNPACKED:
        raise BadWorkbook("The workbook unpacks to more than there is room for. Save it as CSV.")
    if not any(file.filename.startswith("xl/") for file in files):
        raise BadWorkbook("This is a ZIP archive, and no workbook. Hand in CSV or XLSX.")


def write_sheet(out: TextIO) -> None:
    """The number of rows of the first visible sheet, and they themselves. Raises BadWorkbook."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_path(_FILE)
        sheets = [
            each.name
            for each in book.sheets_metadata
            if each.visible == SheetVisibleEnum.Visible and each.typ == SheetTypeEnum.WorkSheet
        ]
        if not sheets:
            raise BadWorkbook("The workbook has no sheet.")
        sheet = book.get_sheet_by_name(sheets[0])
    except PasswordError:
        raise BadWorkbook("The workbook is protected by a password. Save it without one.") from None
    except CalamineError as error:
        raise BadWorkbook(f"The workbook cannot be read: {str(error)[:200]}") from None
    first, _ = sheet.start or (0, 0)
    print(first + sheet.height, file=out)
    out.write("\n" * first)
    csv.writer(out, lineterminator="\n").writerows(_rows(sheet.iter_rows()))
    out.flush()


def _rows(rows: Iterator[Sequence[object]]) -> Iterator[list[str]]:
    for row in rows:
        cells = [_text(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        yield cells


def _text(cell: object) -> str:
    """What a person sees in the cell, as a program writes it: a phone that is a number has no fraction."""
    match cell:
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer() and abs(cell) < _EXACT:
            return str(int(cell))
        case datetime.datetime():
            return cell.isoformat(sep=" ")
        case _:
            return str(cell)


if __name__ == "__main__":
    main()
