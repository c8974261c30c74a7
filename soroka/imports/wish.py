"""What the columns of a file are, as a person writes it: a line each, ``Моб. тел. = phone``."""

from collections.abc import Iterable

from soroka.imports.header import LONGEST_NAME, MOST_COLUMNS, Wish


def read_wish(lines: Iterable[str]) -> Wish:
    """The mapping; nothing after the sign: the column is left out. Raises ValueError."""
    wish: dict[str, str | None] = {}
    for line in lines:
        column, sign, field = (part.strip() for part in line.rpartition("="))
        if not sign or not column or len(field) > LONGEST_NAME or len(wish) == MOST_COLUMNS:
            raise ValueError("Write each line like this: column = field.")
        wish[column] = field or None
    return wish
