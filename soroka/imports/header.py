"""The header of a file: which column is what."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from soroka.domain.spreadsheet import restored
from soroka.imports.unreadable import UnreadableFile

DELIMITERS = ",;\t|"
MOST_COLUMNS = 100
LONGEST_NAME = 64
#: Columns of a list of refused rows, which may be handed in again once it is corrected.
LINE, ERROR = "import_line", "import_error"
#: By what names a header may call a column, case and ``ё`` ignored. Every other column is an attribute.
FIELDS = {
    "phone": (
        "phone", "phone number", "phone_number", "telephone", "mobile", "mobile phone", "cell phone", "msisdn",
        "телефон", "номер телефона", "мобильный", "мобильный телефон", "сотовый", "сотовый телефон", "тел", "тел.",
    ),
    "operator_code": (
        "operator_code", "operator code", "код оператора", "код мобильного оператора", "def-код", "def код",
    ),
    "tags": ("tags", "tag", "теги", "тег", "тэги", "тэг", "метки", "метка"),
    "opted_out": (
        "opted_out", "opted out", "opt-out", "opt out", "unsubscribed", "отказ", "отказ от рассылок", "отписан",
        "отписка",
    ),
    "consent": ("consent", "consent text", "согласие", "текст согласия"),
    "timezone": ("timezone", "time zone", "time_zone", "часовой пояс", "временная зона", "таймзона"),
}  # fmt: skip
_NAMES = {name: field for field, names in FIELDS.items() for name in names}

#: The header's cell -> a field, the name of an attribute, or None: the column is passed over.
Wish = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Header:
    """names: the cells of the header.  fields: where each column goes: a field of ``FIELDS`` or an attribute; None:
    nowhere; empty: it has no name, and no cell of it may have a value.
    """

    names: tuple[str, ...]
    fields: tuple[str | None, ...]


def read_header(cells: Sequence[str], wish: Wish) -> Header:
    """What the columns are. wish: what the caller says they are, which goes before their names.

    Raises UnreadableFile: a column twice, none for the phone, a wish for a column that is not there.
    """
    names = names_of(cells)
    if missing := next((name for name in wish if name not in names), None):
        raise UnreadableFile(f"The file has no column {missing!r}.", field="mapping")
    taken = set(wish.values())
    fields = tuple(_field(name, wish, taken) for name in names)
    _check_fields(names, fields)
    return Header(names, fields)


def names_of(cells: Sequence[str]) -> tuple[str, ...]:
    """The names of the columns. Raises UnreadableFile where they can be none."""
    names = _trimmed([restored(cell.strip().lstrip("\ufeff")) for cell in cells])
    _check_names(names)
    return names


def guess(names: Sequence[str]) -> list[str | None]:
    """What each column is by its own name: a field, which only the first of several can be, an attribute, or None."""
    found: list[str | None] = []
    for name in names:
        field = _field(name, {}, set())
        found.append(name if field in FIELDS and field in found else field)
    return found


def _field(name: str, wish: Wish, taken: set[str | None]) -> str | None:
    if name in wish:
        return wish[name]
    if _folded(name) in (LINE, ERROR):
        return None
    field = _NAMES.get(_folded(name))
    return field if field and field not in taken else name


def means_a_field(name: str) -> bool:
    """Whether a column of this name would be taken for something else than an attribute."""
    return _folded(name) in (*_NAMES, LINE, ERROR)


def _folded(name: str) -> str:
    return " ".join(name.casefold().replace("ё", "е").split())


def _trimmed(names: list[str]) -> tuple[str, ...]:
    """Without the empty ones at the end, which spreadsheets write where something was once."""
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def _check_names(names: Sequence[str]) -> None:
    if len(names) > MOST_COLUMNS:
        raise UnreadableFile(f"The file has more than {MOST_COLUMNS} columns.")
    for name in names:
        if len(name) > LONGEST_NAME or not name.isprintable():
            raise UnreadableFile(
                f"The name of a column is longer than {LONGEST_NAME} characters, or has characters that cannot be read."
            )
    if not any(names):
        raise UnreadableFile("The header is empty. The first line must name the columns, and one of them: phone.")


def _check_fields(names: Sequence[str], fields: Sequence[str | None]) -> None:
    seen: dict[str, str] = {}
    for name, field in zip(names, fields, strict=True):
        if field and field in seen:
            raise UnreadableFile(f"Two columns mean {field!r}: {seen[field]!r} and {name!r}.")
        seen[field or ""] = name
    if "phone" not in seen:
        raise UnreadableFile(
            f"No column is the phone. Name one of them phone, or map it. The columns are: {_list(names)}."
        )


def _list(names: Sequence[str]) -> str:
    text = ", ".join(name for name in names if name)
    return text if len(text) <= LONGEST_NAME * 2 else f"{text[: LONGEST_NAME * 2]}..."


def find_delimiter(head: str, wish: Wish) -> str:
    """What separates the cells of a file that begins like this: what makes a column the phone, and the most columns.

    Spreadsheets may say it themselves in a line of its own, ``sep=;``.
    """
    if said := said_delimiter(head):
        return said
    return max(DELIMITERS, key=lambda delimiter: _fitness(head, delimiter, wish))


def said_delimiter(line: str) -> str:
    """The delimiter that a line ``sep=;`` names; empty where it is no such line."""
    beginning = line.lstrip("\ufeff")[:6].rstrip("\r\n")
    return beginning[4] if len(beginning) == len("sep=;") and beginning.lower().startswith("sep=") else ""


def _fitness(head: str, delimiter: str, wish: Wish) -> tuple[bool, int]:
    """Whether the header read with it has a phone, and its columns."""
    try:
        cells = next((row for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter) if any(row)), [])
    except csv.Error:
        return False, 0
    try:
        read_header(cells, wish)
    except UnreadableFile:
        return False, len(cells)
    return True, len(cells)
