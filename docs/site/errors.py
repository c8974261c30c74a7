"""The page of error codes, of the places that raise them."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from django.urls import get_resolver
from django.utils import translation
from rest_framework import fields, serializers
from rest_framework.exceptions import APIException

from docs.site.tables import code, table
from soroka.models.rule_words import OF_CODES

_ROOT = Path(__file__).parents[2]
_API = _ROOT / "soroka" / "api"
_KINDS = _ROOT / "docs" / "reference" / "api.md"
_WHEN = re.compile(r"^\| \d{3} \| (`.*?) \| (.*) \|$", re.MULTILINE)
_LIBRARY = (
    fields.BooleanField, fields.CharField, fields.ChoiceField, fields.DateTimeField, fields.DictField, fields.FileField,
    fields.FloatField, fields.IntegerField, fields.ListField, serializers.Serializer,
)  # fmt: skip
_HEAD = """# Error codes

Written by `make reference`; a test fails where it is not what the code says. An error is told as
[ProblemDetails](calls.md#problemdetails); [Errors](api.md#errors) says which kinds there are, by status. Here are the
codes: at the end of its `type`, or of one of its `errors`, which names a field. They do not change; the words beside
them may, and come in the language of the caller. What differs each time is written as `…`.

## Of the rules of Soroka

"""
_GENERAL = """
## Of every field

"""


def page() -> str:
    """The whole of it."""
    with translation.override("en"):
        ours, theirs = _of_rules(), _of_fields()
    head = ("code", "words")
    return _HEAD + table(head, _rows(ours)) + _GENERAL + table(head, _rows(theirs))


def _rows(words: dict[str, set[str]]) -> Iterator[tuple[str, str]]:
    for name in sorted(words):
        yield code(name), " / ".join(sorted(filter(None, words[name])))


def _of_rules() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted(_API.rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef):
                for name, words in _raised(function):
                    found[name].add(words)
    for name, sentences in OF_CODES.items():
        found[name].update(map(_blanks, sentences))
    for kind in _kinds(APIException):
        found[kind.default_code].add(_blanks(str(kind.default_detail)))
    for names, when in _WHEN.findall(_KINDS.read_text()):
        for name in re.findall(r"\w+", names):
            if name in found and not any(found[name]):
                found[name].add(when)
    return found


def _raised(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """Its codes and their words, which may have been given a name before."""
    named: dict[str, str] = {}
    for node in sorted(ast.walk(function), key=lambda each: getattr(each, "lineno", 0)):
        if isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Name):
            named[target.id] = _words(node.value)
        elif isinstance(node, ast.Call) and (name := _code(node)):
            used = [named.get(below.id, "") for below in ast.walk(node) if isinstance(below, ast.Name)]
            yield name, _words(node) or next(filter(None, used), "")


def _kinds(of: type[APIException]) -> Iterator[type[APIException]]:
    """Every kind of error that is ours."""
    get_resolver().url_patterns  # noqa: B018 - whatever is served is imported by that
    for kind in of.__subclasses__():
        if kind.__module__.startswith("soroka."):
            yield kind
        yield from _kinds(kind)


def _of_fields() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for kind in _LIBRARY:
        field = kind(choices=[]) if kind is fields.ChoiceField else kind()
        for name, words in field.error_messages.items():
            found[name].add(_blanks(str(words)))
    return found


def _code(call: ast.Call) -> str | None:
    """What it gives for a code: ``code="..."``, or the first argument of ``_error``."""
    given = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
    if isinstance(call.func, ast.Name) and call.func.id == "_error":
        given = call.args[:1]
    return next((node.value for node in given if isinstance(node, ast.Constant) and isinstance(node.value, str)), None)


def _words(node: ast.AST) -> str:
    """The first sentence in it that is marked for translation."""
    for below in ast.walk(node):
        match below:
            case ast.Call(func=ast.Name(id="_" | "gettext"), args=[ast.Constant(value=str(words)), *_]):
                return _blanks(words)
    return ""


def _blanks(words: str) -> str:
    return re.sub(r"\{\w*(?:!r)?\}", "…", words)
