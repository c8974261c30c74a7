"""Everything that is said is said in Russian as well; English is what the sources say."""

import ast
import gettext
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.utils import translation
from django.utils.translation.template import templatize

import soroka
from soroka.domain.phone import InvalidPhone, parse_operator_code, parse_phone
from soroka.domain.schedule import UnknownZone, known_zone
from soroka.domain.send_window import SendWindow, minutes_of
from soroka.models.rule_words import translated
from soroka.planning.resend import AlreadyResent

SOURCES = Path(soroka.__file__).parent
FOLDER = SOURCES / "locale" / "ru" / "LC_MESSAGES"
CALLS = {
    "_": 0,
    "gettext": 0,
    "gettext_lazy": 0,
    "gettext_noop": 0,
    "pgettext": 1,
    "pgettext_lazy": 1,
    "ngettext": 0,
    "ngettext_lazy": 0,
}
#: What users are told by the words of an exception that is none of a framework, and the modules whose ValueErrors are.
FAULTS = {
    "BadCap", "BadHours", "BadSpan", "BadTemplate", "BadWorkbook", "KeyMismatch", "MailingGone", "NotAllowed",
    "Refused", "UnknownZone", "UnreadableFile",
}  # fmt: skip
WITH_VALUE_ERRORS = ["domain/phone.py", "domain/schedule.py", "imports/wish.py", "terminal/mailing_body.py"]
#: In the place of whatever differs from case to case: a status is one of a few words.
ANYTHING = "finished"
IN_TEMPLATES = re.compile(r"""\bn?gettext\(u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
IN_TAGS = re.compile(r"""_\(("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\)""")


def catalogue() -> dict[str, str]:
    """English to Russian, contexts left aside; of plurals the first form."""
    with (FOLDER / "django.po").open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    first = {True: lambda value: value[0], False: lambda value: value}
    return {
        first[isinstance(message.id, tuple)](message.id): first[isinstance(message.string, tuple)](message.string)
        for message in messages
        if not message.fuzzy
    }


def said_in_python() -> set[str]:
    said = set()
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            place = CALLS.get(getattr(getattr(node, "func", None), "id", ""))
            if place is not None and isinstance(words := node.args[place], ast.Constant):
                said.add(words.value)
    return said


def said_by_rules() -> set[str]:
    """Every sentence that is written where it is raised."""
    said = set()
    for path in SOURCES.rglob("*.py"):
        faults = FAULTS | ({"ValueError"} if str(path.relative_to(SOURCES)) in WITH_VALUE_ERRORS else set())
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Raise(exc=ast.Call(func=ast.Name(id=name), args=[words, *_])) if name in faults:
                    said.add(written(words))
    return said - {""}


def written(words: ast.expr) -> str:
    match words:
        case ast.Constant(value=str(sentence)):
            return sentence
        case ast.JoinedStr(values=parts):
            return "".join(written(part) or ANYTHING for part in parts)
    return ""


def test_it_says_faults_within_faults_in_russian():
    with translation.override("ru"):
        said = translated("The header cannot be read. The line is longer than 9 characters.")
    assert said == "Заголовок не читается. Строка длиннее 9 знаков."


def test_every_fault_of_the_rules_has_its_russian():
    said = said_by_rules() | {str(AlreadyResent(12))}
    assert len(said) > 50
    with translation.override("ru"):
        assert sorted(each for each in said if not re.search("[а-я]", translated(each))) == []
    with translation.override("en"):
        assert {translated(each) for each in said} == said


def said_in_templates() -> set[str]:
    said = set()
    for path in [*(SOURCES / "templates").rglob("*.html"), *(SOURCES / "templates").rglob("*.txt")]:
        text = path.read_text()
        said |= {ast.literal_eval(found) for found in IN_TEMPLATES.findall(templatize(text))}
        said |= {ast.literal_eval(found) for found in IN_TAGS.findall(text)}
    return said


def test_everything_that_is_said_has_its_russian():
    known = catalogue()
    assert len(known) > 300
    assert sorted(each for each in said_in_python() | said_in_templates() if not known.get(each)) == []


def test_nothing_is_translated_that_nobody_says():
    assert sorted(catalogue().keys() - said_in_python() - said_in_templates()) == []


def test_the_compiled_catalogue_is_the_written_one():
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    with (FOLDER / "django.po").open("rb") as file:
        written = [message for message in read_po(file) if message.id and isinstance(message.id, str)]
    for message in written:
        spoken = compiled.pgettext(message.context, message.id) if message.context else compiled.gettext(message.id)
        assert spoken == message.string


@pytest.mark.parametrize(
    ("rule", "bad"),
    [
        (parse_phone, "12"), (parse_phone, ""), (parse_phone, "call me"), (parse_phone, "+7916123456"),
        (parse_phone, "+999123456789"), (parse_phone, "9" * 40), (parse_phone, "+7916#1234567"),
        (parse_operator_code, "91"), (known_zone, "Moscow"), (minutes_of, "9:00"), (SendWindow.parse, "24:00-09:00"),
        (SendWindow.parse, "09:00-09:00"),
    ],
)  # fmt: skip
def test_it_says_the_faults_of_the_rules_in_russian(rule, bad):
    with pytest.raises((InvalidPhone, UnknownZone, ValueError)) as caught:
        rule(bad)
    with translation.override("ru"):
        assert re.match("[А-Я]", translated(str(caught.value)))
    with translation.override("en"):
        assert translated(str(caught.value)) == str(caught.value)
