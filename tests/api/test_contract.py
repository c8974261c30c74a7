"""docs/reference/api.md and the OpenAPI schema say the same."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from soroka.api.docs import _document

DOCUMENT = (Path(__file__).parents[2] / "docs" / "reference" / "api.md").read_text()
CALL = re.compile(r"^\| `(GET|POST|PUT|PATCH|DELETE) (/\S*)` \|([^|]*)\|", re.MULTILINE)
FIELDS = re.compile(r"^### (\w+)\n\n\| field \| \|\n\|---\|---\|\n((?:\|.*\n)+)", re.MULTILINE)
NAME = re.compile(r"`([\w-]+)`")
#: Parameters that every list has, told once.
OF_PAGES = {"page", "page_size", "cursor"}
PAGES = ["/", "/swagger", "/docs", "/redoc", "/schema", "/admin/"]


def read(answer: Any) -> Any:
    """The schema of an answer; libyaml reads it in a tenth of the time."""
    return yaml.load(answer.content, yaml.CSafeLoader)


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return read(APIClient().get("/schema"))


def anonymous(path: str) -> str:
    """The path whatever its parameters are called."""
    return re.sub(r"{\w+}", "{}", path)


def told() -> dict[tuple[str, str], set[str]]:
    """The calls of the document, with their parameters."""
    return {(method, anonymous(path)): set(NAME.findall(names)) for method, path, names in CALL.findall(DOCUMENT)}


def described(schema: dict[str, Any]) -> dict[tuple[str, str], set[str]]:
    """The calls of the schema, with their parameters."""
    return {
        (method.upper(), anonymous(path)): {
            parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "query"
        }
        - OF_PAGES
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
    }


def test_every_call_of_the_document_is_in_the_schema_and_the_other_way_round(schema):
    assert told().keys() == described(schema).keys()


def test_both_name_the_same_parameters(schema):
    assert told() == described(schema)


def test_both_name_the_same_fields(schema):
    fields = {
        name: set(NAME.findall(re.sub(r"\|[^|]*\|$", "", rows, flags=re.M))) for name, rows in FIELDS.findall(DOCUMENT)
    }
    shapes = schema["components"]["schemas"]
    assert len(fields) == 16
    for name, told_fields in fields.items():
        shape = shapes.get(name) or shapes[f"{name}Request"]
        assert told_fields == shape["properties"].keys(), name


def test_what_an_answer_has_is_required_in_the_schema(schema):
    shapes = schema["components"]["schemas"]
    for name in (
        "Tag",
        "Client",
        "Mailing",
        "Message",
        "Preview",
        "ImportReport",
        "FullStatistics",
        "Gateway",
        "Segment",
        "Why",
    ):
        assert set(shapes[name]["required"]) == shapes[name]["properties"].keys()
    assert shapes["ClientRequest"]["required"] == ["phone"]
    assert set(shapes["NewMailingRequest"]["required"]) == {"text", "ends_at"}


def test_every_call_says_which_errors_it_has(schema):
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            told_of = operation["responses"].keys()
            if path not in {"/livez", "/readyz"}:
                assert "401" in told_of, (path, method)
            if method in {"put", "patch", "delete"}:
                assert {"403", "404", "409"} <= told_of, (path, method)


def test_every_kind_of_problem_that_is_told_is_one(schema):
    rows = re.findall(r"^\| (\d{3}) \| ([^|]*) \|", DOCUMENT, re.MULTILINE)
    assert len(rows) == 27
    source = "".join(path.read_text() for path in (Path(__file__).parents[2] / "soroka").rglob("*.py"))
    ours = set(re.findall(r'"(\w+)"', source))
    of_the_libraries = {
        "invalid", "parse_error", "not_authenticated", "no_active_account", "token_not_valid", "permission_denied",
        "not_found", "method_not_allowed", "not_acceptable", "unsupported_media_type",
    }  # fmt: skip
    for _, kinds in rows:
        assert set(NAME.findall(kinds)) <= ours | of_the_libraries


def descriptions(node: Any) -> Iterator[str]:
    """Every description in a part of the schema."""
    below = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in below:
        if key == "description" and isinstance(value, str):
            yield value
        else:
            yield from descriptions(value)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_schema_speaks_the_language_of_its_reader(caller, language):
    answers = [
        caller().get("/schema", headers={"Accept-Language": language}),
        caller().get(f"/schema?lang={language}", headers={"Accept-Language": "de"}),
    ]
    for answer in answers:
        said = {text for text in descriptions(read(answer)) if text}
        assert len(said) > 50
        russian = {text for text in said if re.search("[а-яё]", text)}
        assert russian == (said if language == "ru" else set())


def test_the_schema_is_made_once_for_each_language_and_format_however_many_ask(monkeypatch):
    _document.cache_clear()
    made = []

    def counted(generator, *args, **kwargs):
        made.append(get_language())
        return make(generator, *args, **kwargs)

    make = SchemaGenerator.get_schema
    monkeypatch.setattr(SchemaGenerator, "get_schema", counted)
    asked = ["", "?lang=en", "?format=json", "?lang=en&format=json", "?lang=xx", "?version=9", "?lang=en&version=8"]
    with ThreadPoolExecutor(8) as many:
        answers = list(many.map(lambda query: APIClient().get(f"/schema{query}"), asked * 3))
    assert sorted(made) == ["en", "en", "ru", "ru"]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 4
    assert answers[2].json()["info"]["title"] == "Soroka"


@pytest.mark.parametrize("page", PAGES)
def test_every_page_that_is_told_is_there(make_user, client, page):
    client.force_login(make_user("admin", is_staff=True))
    assert f"`{page}`" in DOCUMENT
    assert client.get(page, headers={"Accept": "text/html,*/*;q=0.8"}).status_code == 200
