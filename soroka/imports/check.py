"""What a row of an import means, or why it is refused."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from soroka.consent.ledger import LONGEST_WORDING
from soroka.domain.phone import InvalidPhone, operator_code, parse_operator_code, parse_phone
from soroka.domain.schedule import UnknownZone, known_zone
from soroka.domain.spreadsheet import restored
from soroka.imports.encoding import is_mixed
from soroka.imports.header import FIELDS, Header
from soroka.imports.table import Row

LONGEST_TAG = 64
MOST_TAGS = 1_000
#: What a cell may say, case ignored.
_FLAGS = {
    **dict.fromkeys(("true", "1", "yes", "y", "да", "+"), True),
    **dict.fromkeys(("false", "0", "no", "n", "нет", "-"), False),
}
LONGEST_VALUE = 1_000


class Entry(NamedTuple):
    """A row that was understood. What its cells leave out is None or empty: it stays as it is for a known client.

    tags: None where the file has no column for them.  derived_code: the operator code that the phone itself tells.
    """

    phone: int
    derived_code: int
    operator_code: int | None
    timezone: str | None
    tags: tuple[str, ...] | None
    attributes: dict[str, str]
    opted_out: bool | None
    consent: str | None


class Refused(ValueError):
    """A row will not be taken over; a sentence for the person who made the file."""


def entry_reader(header: Header, encoding: str) -> Callable[[Row], Entry]:
    """What makes an entry of a row, or raises Refused.

    A further field of clients is one more name in ``FIELDS``, a cell read here and a column of ``Entry``, of the
    staging table and of the statements in ``upsert``.
    """
    places = {field: at for at, field in enumerate(header.fields) if field in FIELDS}
    attributes = [(at, field) for at, field in enumerate(header.fields) if field and field not in FIELDS]
    unnamed = [at for at, field in enumerate(header.fields) if field == ""]
    phone_at = places["phone"]
    width = len(header.fields)

    def read(row: Row) -> Entry:
        cells = _clean(row, header, encoding)
        if len(cells) != width:
            cells = _fitted(cells, width)
        for at in unnamed:
            if cells[at]:
                raise Refused(f"There is a value in column {at + 1}, which has no name.")
        phone = parse_phone(cells[phone_at])
        return Entry(
            phone,
            operator_code(phone),
            _operator_code(cells, places),
            _zone(cells, places),
            _tags(cells[places["tags"]]) if "tags" in places else None,
            {name: cells[at] for at, name in attributes if cells[at]},
            *_said_of_mailings(cells, places),
        )

    def checked(row: Row) -> Entry:
        if row.fault:
            raise Refused(row.fault)
        try:
            return read(row)
        except (InvalidPhone, UnknownZone, ValueError) as error:
            raise Refused(str(error)) from None

    return checked


def _clean(row: Row, header: Header, encoding: str) -> list[str]:
    """The cells as they were meant: without blanks around them, and as they were before they were defused."""
    text = row.text
    if not text.isascii():
        if is_mixed(text, encoding):
            raise Refused("The row is UTF-8 in a file of CP1251. Save the file in one encoding.")
        if not _is_sound(text):
            _check_cells(row, header)
    if "\0" in text or len(text) > LONGEST_VALUE:
        _check_cells(row, header)
    if "'" in text:
        return [restored(cell).strip() for cell in row.cells]
    return [cell.strip() for cell in row.cells]


def _is_sound(text: str) -> bool:
    """Whether all of it could be decoded."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\ufffd" not in text


def _check_cells(row: Row, header: Header) -> None:
    """Raises Refused, with the name of the column."""
    for at, cell in enumerate(row.cells):
        name = header.names[at] if at < len(header.names) else str(at + 1)
        if "\0" in cell:
            raise Refused(f"{name} contains a NUL character.")
        if not _is_sound(cell):
            raise Refused(f"{name} cannot be read in the encoding of the file. Save it as UTF-8.")
        field = header.fields[at] if at < len(header.fields) else None
        if field not in FIELDS and len(cell) > LONGEST_VALUE:
            raise Refused(f"{name} is longer than {LONGEST_VALUE} characters.")


def _fitted(cells: list[str], width: int) -> list[str]:
    """As many cells as columns: missing ones are empty, and further ones must be."""
    if any(cells[width:]):
        raise Refused("There are more cells than columns. Put quotes around a cell that contains the separator.")
    return [*cells[:width], *[""] * (width - len(cells))]


def _operator_code(cells: list[str], places: dict[str, int]) -> int | None:
    cell = cells[places["operator_code"]] if "operator_code" in places else ""
    return parse_operator_code(cell) if cell else None


def _said_of_mailings(cells: list[str], places: dict[str, int]) -> tuple[bool | None, str | None]:
    """Whether he has opted out, and the wording of a consent; None where the row says nothing."""
    flag = cells[places["opted_out"]] if "opted_out" in places else ""
    consent = cells[places["consent"]] if "consent" in places else ""
    if flag and flag.casefold() not in _FLAGS:
        raise Refused("Whether a client has opted out is said by yes or no.")
    opted_out = _FLAGS[flag.casefold()] if flag else None
    if opted_out and consent:
        raise Refused("The row has a consent and says that the client has opted out.")
    if len(consent) > LONGEST_WORDING:
        raise Refused(f"A consent is longer than {LONGEST_WORDING} characters.")
    return opted_out, consent or None


def _zone(cells: list[str], places: dict[str, int]) -> str | None:
    cell = cells[places["timezone"]] if "timezone" in places else ""
    return _known(cell) if cell else None


@lru_cache(maxsize=1024)
def _known(zone: str) -> str:
    """The zone, if there is one of that name; an unknown one raises and is not kept."""
    return known_zone(zone).key


def _tags(cell: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name for part in cell.split(";") if (name := part.strip())))
    if any(len(name) > LONGEST_TAG for name in names):
        raise Refused(f"A tag is longer than {LONGEST_TAG} characters.")
    if len(names) > MOST_TAGS:
        raise Refused(f"There are more than {MOST_TAGS} tags.")
    return names
