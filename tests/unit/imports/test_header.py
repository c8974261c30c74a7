"""Which column is what."""

import pytest

from soroka.imports.header import LONGEST_NAME, MOST_COLUMNS, find_delimiter, read_header, said_delimiter
from soroka.imports.unreadable import UnreadableFile


@pytest.mark.parametrize(
    ("cells", "fields"),
    [
        (["phone", "name"], ("phone", "name")),
        (["  ТЕЛЕФОН ", "Код  Оператора", "Метки", "Часовой пояс"], ("phone", "operator_code", "tags", "timezone")),
        (["\ufeffPhone", "", "city", "", ""], ("phone", "", "city")),
        (["Мобильный телефон", "import_line", "import_error"], ("phone", None, None)),
    ],
)
def test_columns_are_known_by_their_names(cells, fields):
    assert read_header(cells, {}).fields == fields


def test_a_wish_goes_before_a_name():
    wish = {"Связь": "phone", "Заметка": None, "ФИО": "name"}
    assert read_header(["Телефон", "Связь", "Заметка", "ФИО"], wish).fields == ("Телефон", "phone", None, "name")


@pytest.mark.parametrize(
    ("cells", "wish", "why", "field"),
    [
        (["a", "b"], {}, "No column is the phone.*The columns are: a, b", "file"),
        (["phone", "телефон"], {}, "Two columns mean 'phone': 'phone' and 'телефон'", "file"),
        (["phone", "a", "a"], {}, "Two columns mean 'a'", "file"),
        (["phone"], {"x": "name"}, "no column 'x'", "mapping"),
        (["phone", "x" * (LONGEST_NAME + 1)], {}, "longer than", "file"),
        (["phone", "a\0"], {}, "cannot be read", "file"),
        (["phone", *map(str, range(MOST_COLUMNS))], {}, f"more than {MOST_COLUMNS} columns", "file"),
        ([" ", ""], {}, "The header is empty", "file"),
    ],
)
def test_a_header_of_no_use_is_refused_and_says_why(cells, wish, why, field):
    with pytest.raises(UnreadableFile, match=why) as refusal:
        read_header(cells, wish)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("head", "delimiter"),
    [
        ("phone,name\n1;2;3,4\n", ","),
        ("name;phone\n1,2,3;4\n", ";"),
        ("name\tphone\n", "\t"),
        ("name|phone\n", "|"),
        ("phone\n1;2\n", ","),
        ('"a,b";phone\n', ";"),
        ("sep=|\na;b|phone\n", "|"),
        ("\n\na;phone\n", ";"),
        ("a;b;c,d\n", ";"),
    ],
)
def test_the_delimiter_is_what_makes_a_column_the_phone(head, delimiter):
    assert find_delimiter(head, {}) == delimiter


def test_a_line_that_says_the_delimiter_is_known():
    assert [said_delimiter(line) for line in ("sep=;\r\n", "SEP=,", "sep=", "separator;phone\n")] == [";", ",", "", ""]
