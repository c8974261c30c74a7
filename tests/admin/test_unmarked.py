"""Whatever a page says by itself is marked for translation.

All that gettext gives is put into brackets; what is seen outside of them has to be data.
"""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import translation
from django.utils.translation import trans_real

import soroka
from soroka.domain.schedule import zone_names
from soroka.embedded.account import login_name
from tests.admin.everything import addresses, grow, opened
from tests.admin.pages import Seen, seen

OPENED, CLOSED = "⟦", "⟧"
WORD = re.compile(r"[^\W\d_]{2,}")
#: What the rows of ``grow`` are called, and what they say.
ROWS = re.compile(r"\b(tag|gateway|user|key|segment|draft|file|mailing) \d+\b", re.IGNORECASE)
SAID = {"A call", "By all means.", "Good day!", "It is empty.", "Omsk", "anna", "city", "default", "later", "refused"}
#: The same in every language: names of formats and languages, names by which programs know things, keys.
NAMES = {"API", "CSV", "English", "JSON", "UTC", "XLSX", "admin", "en", "esc", "operator", "ru", "viewer", "Русский"}
CODES = {"created_at", "filter.everyone", "opted_out"}
LONGEST_FIRST = sorted(SAID | NAMES | CODES | {login_name()}, key=len, reverse=True)
DATA = re.compile("|".join(rf"(?<!\w){re.escape(each)}(?!\w)" for each in LONGEST_FIRST), re.IGNORECASE)
#: What a key may be confined to.
SCOPE = re.compile(r"\b[a-z]+:(?:read|write)\b")
PLACE = re.compile(r"[A-Z][\w+-]*(?:/[\w+-]+)*")


@pytest.fixture
def bracketed(monkeypatch):
    """English with every sentence in brackets."""

    def within(say):
        return lambda *args: f"{OPENED}{say(*args)}{CLOSED}"

    for name in ("gettext", "ngettext", "pgettext", "npgettext"):
        monkeypatch.setattr(translation._trans, name, within(getattr(trans_real, name)), raising=False)


def outside(texts):
    """What is said outside of brackets; one may be opened in one text and closed in another."""
    depth = 0
    for text in texts:
        said = ""
        for character in text:
            depth += (character == OPENED) - (character == CLOSED)
            said += character if depth == 0 and character != CLOSED else " "
        yield " ".join(said.split())


def own_words(text):
    """What is left of a text without data."""
    zones = zone_names()
    rest = PLACE.sub(lambda found: "" if found[0] in zones else found[0], ROWS.sub("", SCOPE.sub("", text)))
    return " ".join(WORD.findall(DATA.sub("", rest)))


def test_the_brackets_are_told_from_what_they_hold():
    texts = ["⟦Said⟧ unsaid", "⟦begun ", "⟦within⟧", " ended⟧ 5", "tag 7, Europe/Moscow"]
    assert [own_words(text) for text in outside(texts)] == ["unsaid", "", "", "", ""]


def test_no_page_says_what_is_not_marked_for_translation(bracketed, enter, make_mailing):
    grow(2, make_mailing)
    browser = enter("admin", "en")
    User.objects.filter(username="admin").update(is_superuser=True)
    unmarked = {}
    for address, answer in opened(browser, addresses()):
        if answer["Content-Type"].startswith("text/html"):
            unmarked |= {words: address for text in outside(seen(answer)) if (words := own_words(text))}
    assert unmarked == {}


MARKED = re.compile(r"{% (blocktranslate|comment).*?{% end\1 %}|{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
#: A header as programs send it, and products.
EXAMPLES = {"Authorization: Api-Key", "redoc", "swagger"}
#: In both languages at once: nothing that could fail is asked for it.
BOTH = "500.html"
TEMPLATES = [
    path
    for path in sorted((Path(soroka.__file__).parent / "templates").rglob("*.html"))
    if path.parts[-2] != "layouts" and path.name != BOTH
]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_words_that_are_not_marked(template):
    texts = Seen(MARKED.sub(" ", template.read_text())).texts
    assert [words for text in texts if text not in EXAMPLES and (words := own_words(text))] == []
