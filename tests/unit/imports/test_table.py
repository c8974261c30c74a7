"""Rows of texts that are CSV, more or less."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soroka.imports import table
from soroka.imports.table import LONGEST_LINE, MOST_LINES, Row, read_table
from soroka.imports.unreadable import UnreadableFile

LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")


def rows(text: str, delimiter: str = ",", **options: bool) -> list[Row]:
    return list(read_table(io.StringIO(text, newline=""), delimiter, **options))


def seen(text: str, delimiter: str = ",") -> list[tuple[int, list[str]]]:
    return [(row.line, row.cells) for row in rows(text, delimiter)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_row_has_the_line_where_it_begins(end):
    text = end.join(['a,"b', 'c",d', "", ",,", "e,f"])
    assert seen(text) == [(1, ["a", f"b{end}c", "d"]), (5, ["e", "f"])]


def test_a_row_of_a_sheet_is_one_line_whatever_its_cells_hold():
    assert [row.line for row in rows('a,"b\nc"\nd\n', one_line_each=True)] == [1, 2]


def test_a_row_is_kept_as_it_stands():
    assert [row.text for row in rows('a,"b\r\nc"\r\nd')] == ['a,"b\r\nc"\r\n', "d"]


def test_a_quote_that_never_closes_costs_its_own_line():
    text = 'x,"open\n' + "a,b\n" * (3 * MOST_LINES)
    first, *others = rows(text)
    assert (first.line, first.text, first.cells) == (1, 'x,"open\n', [])
    assert "not closed" in first.fault
    assert [(row.line, row.cells, row.fault) for row in others] == [
        (line, ["a", "b"], "") for line in range(2, 3 * MOST_LINES + 2)
    ]


def test_a_quote_that_is_open_at_the_end_costs_its_own_line():
    assert [(row.line, row.cells, bool(row.fault)) for row in rows('a\nb,"c\nd\n')] == [
        (1, ["a"], False),
        (2, [], True),
        (3, ["d"], False),
    ]


def test_a_quote_inside_of_a_quoted_cell_costs_its_row():
    assert [bool(row.fault) for row in rows('"a "b" c",d\n"e ""f""",g\n')] == [True, False]


def test_a_line_that_is_too_long_costs_itself_alone():
    first, second, third = rows(f'a\n{"x" * (3 * LONGEST_LINE)}\n"b"\n')
    assert (first.cells, third.cells, third.line) == (["a"], ["b"], 3)
    assert "longer" in second.fault
    assert len(second.text) == table.KEPT


def test_a_line_that_is_too_long_within_quotes_costs_both():
    found = rows(f'"a\n{"x" * (2 * LONGEST_LINE)}\nb\n')
    assert [(row.line, bool(row.fault)) for row in found] == [(1, True), (2, True), (3, False)]


def test_a_file_of_nothing_but_open_quotes_is_given_up(monkeypatch):
    monkeypatch.setattr(table, "MOST_OPEN", 10)
    with pytest.raises(UnreadableFile, match="more than 10 rows, such as line 11"):
        rows('q","\n' * 1000)  # open wherever one begins to read


@given(st.text('a,"\n\r;é', max_size=80))
def test_no_line_is_lost_and_none_is_in_two_rows(text):
    lines = LINE.findall(text)
    covered = {row.line + at for row in rows(text) for at in range(len(LINE.findall(row.text)))}
    taken = [line for number, line in enumerate(lines, 1) if number in covered]
    left = [line for number, line in enumerate(lines, 1) if number not in covered]
    assert [row.line for row in rows(text)] == sorted({row.line for row in rows(text)})
    assert "".join(row.text for row in rows(text)) == "".join(taken)
    assert not "".join(left).strip(',"\r\n')
