"""What a row of an import means, or why it is refused."""

from dataclasses import dataclass, field

from soroka.domain.phone import InvalidPhone, parse_operator_code, parse_phone
from soroka.domain.schedule import UnknownZone, known_zone
from soroka.imports.read import KNOWN, Row

LONGEST_TAG = 64
LONGEST_VALUE = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that was understood. What its cells leave out is None or empty: it stays as it is for a known client."""

    line: int
    phone: int
    operator_code: int | None = None
    timezone: str | None = None
    tags: tuple[str, ...] = ()
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that will not be taken over. why: a sentence for the person who made the file."""

    line: int
    why: str


def check_row(row: Row) -> Entry | Refusal:
    """Understand a row. Raises nothing: a bad row is a value."""
    try:
        return Refusal(row.line, row.fault) if row.fault else _entry(row)
    except (InvalidPhone, UnknownZone, ValueError) as error:
        return Refusal(row.line, str(error))


def _entry(row: Row) -> Entry:
    for name, cell in row.cells.items():
        _check_text(name, cell)
    cells = row.cells
    return Entry(
        line=row.line,
        phone=parse_phone(cells.get("phone", "")),
        operator_code=parse_operator_code(cells["operator_code"]) if "operator_code" in cells else None,
        timezone=_zone(cells["timezone"]) if "timezone" in cells else None,
        tags=_tags(cells.get("tags", "")),
        attributes={name: cell for name, cell in cells.items() if name not in KNOWN},
    )


def _check_text(name: str, cell: str) -> None:
    if "\0" in cell:
        raise ValueError(f"{name} contains a NUL character.")
    try:
        cell.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name} is not UTF-8. Save the file as UTF-8.") from None
    if name not in KNOWN and len(cell) > LONGEST_VALUE:
        raise ValueError(f"{name} is longer than {LONGEST_VALUE} characters.")


def _zone(name: str) -> str:
    known_zone(name)
    return name


def _tags(cell: str) -> tuple[str, ...]:
    names = tuple(name for part in cell.split(";") if (name := part.strip()))
    if any(len(name) > LONGEST_TAG for name in names):
        raise ValueError(f"A tag is longer than {LONGEST_TAG} characters.")
    return names
