"""A cell never runs as a formula, plain values stay as they are, and every cell can be read back."""

import random

import pytest

from soroka.domain.spreadsheet import defused, restored


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1+1",
        "-1+cmd|' /C calc'!A0",
        "@SUM(A1)",
        "\tvalue",
        "\rvalue",
        "\nvalue",
        "  =1+1",
        "\u00a0=1+1",
        "\u200b=1+1",
        "\ufeff=1+1",
        "\x00=1+1",
        '"=1+1',
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM(A1)",
        "+7 916 123-45-67",
        "-",
        "=",
    ],
)
def test_it_puts_an_apostrophe_before_a_formula(cell: str) -> None:
    assert defused(cell) == "'" + cell


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "-5",
        "+79161234567",
        "-0.5",
        "-0,5",
        "79161234567",
        "vip",
        "a=b",
        "x@example.com",
        "a-b",
        "2026-11-27T10:00:00+03:00",
        "Etc/GMT+3",
        "Здравствуйте, Анна",
        "it's",
        "'vip'",
    ],
)
def test_it_leaves_plain_values_and_signed_numbers_alone(cell: str) -> None:
    assert defused(cell) == cell


@pytest.mark.parametrize(
    ("cell", "harmless"),
    [
        ("vip;=1+1", "vip;'=1+1"),
        ("vip,=1+1", "vip,'=1+1"),
        ("vip\t@SUM(A1)", "vip\t'@SUM(A1)"),
        ("first line\n=1+1", "first line\n'=1+1"),
        ("=1;=2", "'=1;'=2"),
        ("-5;-6", "-5;-6"),
        ("-5;-6+1", "-5;'-6+1"),
    ],
)
def test_it_defuses_what_another_separator_would_make_a_cell(cell: str, harmless: str) -> None:
    assert defused(cell) == harmless


@pytest.mark.parametrize("cell", ["=1", "'=1", "''=1", "'\tvalue", "vip;'=1", "' =1", "'vip'", "'-5", "\t=1", "'"])
def test_it_gives_the_cell_back(cell: str) -> None:
    assert restored(defused(cell)) == cell


def test_no_two_cells_become_one() -> None:
    dice = random.Random(6)
    for _ in range(20_000):
        cell = "".join(dice.choices("=+-@'\"\t\r\n;, a15.＝\u200b", k=dice.randrange(9)))
        assert restored(defused(cell)) == cell, repr(cell)
        assert defused(cell) == cell or defused(cell).count("'") > cell.count("'")


def test_an_ordinary_file_is_read_back_as_it_is() -> None:
    for cell in ("'vip'", "it's", "'-5", "'79161234567"):
        assert restored(cell) == cell


@pytest.mark.parametrize("piece", ["\t", " ", ";", "'", ";  '", "5", "-", "\n ="])
def test_a_cell_of_a_megabyte_is_done_with_before_the_suite_ends(piece: str) -> None:
    cell = piece * (1_000_000 // len(piece))
    assert restored(defused(cell)) == cell
