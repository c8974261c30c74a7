"""What a spreadsheet would run is made harmless in a cell of a file, and can be read back as it was."""

import re

# Where a cell begins: at its own beginning, and after whatever a spreadsheet set to another separator (a Russian one
# takes `;` by itself) would split it at.
_EDGE = r"(?:\A|(?<=[;,\t\r\n]))"
# What spreadsheets skip, or may, before they look for a formula: blanks, control and invisible characters, quotes.
# No tab or line break: it is an edge of its own, and a cell of nothing else would be searched anew from each.
_SKIPPED = (
    r"(?:[^\S\t\r\n]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\"'\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff])*"
)
# A plain signed number is a number to a spreadsheet too, and of use only as one: -5, +79161234567, -0.5, -0,5.
_NUMBER = r"[0-9]+(?:[.,][0-9]+)?(?:\Z|(?=[;,\t\r\n]))"
_FORMULA = rf"{_EDGE}%s(?={_SKIPPED}(?:[=@＝＠＋－]|[+-](?!{_NUMBER})))"
_BROKEN_START = rf"\A%s(?={_SKIPPED}[\t\r\n])"

_RUNS = re.compile(f"{_FORMULA % ''}|{_BROKEN_START % ''}")
_DEFUSED = re.compile(f"""{_FORMULA % "'"}|{_BROKEN_START % "'"}""")


def defused(cell: str) -> str:
    """The cell with an apostrophe before whatever a spreadsheet would take for the beginning of a formula.

    A formula begins with ``= + - @`` or their full-width forms, also after blanks and invisible characters, and, where
    the spreadsheet uses another separator than the file, in the middle of the cell after it. A cell that begins with
    a tab or a line break is defused too. A plain signed number stays as it is.
    Different cells stay different: ``restored`` gives the cell back. Takes time in proportion to the cell's length.
    Raises nothing. Source: OWASP, CSV Injection; ASVS 5.0, 1.2.10.
    """
    return _RUNS.sub("'", cell)


def restored(cell: str) -> str:
    """The cell as it was before it was defused; any other cell as it is. Raises nothing."""
    return _DEFUSED.sub("", cell)
