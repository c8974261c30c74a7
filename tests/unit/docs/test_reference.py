"""What the code knows, the pages of docs/reference say; `make reference` writes them."""

import re

import pytest

from docs.site import errors
from docs.site.pages import PAGES, REFERENCE
from soroka.cli import main
from soroka.terminal.failure import Exit


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_code_says(name):
    assert (REFERENCE / name).read_text() == PAGES[name](), "run: make reference"


def test_every_error_code_has_words():
    assert re.findall(r"^\| `\w+` \|\s*\|$", errors.page(), re.MULTILINE) == []


def test_the_page_of_commands_tells_every_exit_code():
    for code in Exit:
        assert f"{code.value} " in (main.help or ""), code
