"""The page of calls, of the OpenAPI schema and of who may what."""

import re
from collections.abc import Iterator
from typing import Any

from django.utils import translation
from drf_spectacular.generators import SchemaGenerator

from docs.site import shapes
from docs.site.permissions import who_may
from docs.site.tables import code, table
from soroka.domain.scope import RESOURCES, SCOPES

_HEAD = """# Every call

Written by `make reference` of the OpenAPI schema; a test fails where it is not what the service says. `/schema` hands
out the schema itself, and `/docs` shows it with buttons to try. [The API](api.md) tells how the calls are used.

Who may call what is told by the roles, and for [API keys](api.md#who-calls) by their scopes. Errors of every call are
[ProblemDetails](#problemdetails) as `application/problem+json`; [which there are](api.md#errors).

"""
_PROBLEM = "application/problem+json"


def page() -> str:
    """The whole of it."""
    with translation.override("en"):
        schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    parts = [*_calls(schema["paths"]), "## Shapes", *shapes.told(schema["components"]["schemas"])]
    return _HEAD + "\n\n".join(part.strip() for part in parts) + "\n"


def _calls(paths: dict[str, Any]) -> Iterator[str]:
    resource = None
    for path, operations in paths.items():
        first = path.split("/")[1]
        if first != resource:
            resource = first
            yield f"## Below `/{resource}`"
        for method, operation in operations.items():
            yield _call(method.upper(), path, operation)


def _call(method: str, path: str, operation: dict[str, Any]) -> str:
    parts = [
        f"### `{method} {path}`",
        shapes.typed(operation.get("description", "")),
        f"May call: {who_may(path, method)}{_scopes(path, method)}.",
        table(("parameter", "in", "takes", ""), map(_parameter, operation.get("parameters", []))),
        _body(operation.get("requestBody")),
        *_answers(operation["responses"]),
    ]
    return "\n\n".join(part.strip() for part in parts if part)


def _scopes(path: str, method: str) -> str:
    resource = RESOURCES.get(path.split("/")[1])
    verbs = ["write"] if method != "GET" else ["read", "write"]
    enough = [code(scope) for verb in verbs if (scope := f"{resource}:{verb}") in SCOPES]
    return f"; a key that has scopes needs {' or '.join(enough)}" if enough else ""


def _parameter(parameter: dict[str, Any]) -> tuple[str, ...]:
    needed = "" if parameter["in"] == "path" or not parameter.get("required") else "needed. "
    words = needed + shapes.typed(parameter.get("description", ""))
    return code(parameter["name"]), parameter["in"], shapes.kind(parameter["schema"]), words


def _body(body: dict[str, Any] | None) -> str:
    return "Body: " + "; ".join(_contents(body["content"])) + "." if body else ""


def _contents(content: dict[str, Any]) -> Iterator[str]:
    for media, of in content.items():
        yield f"{shapes.kind(of.get('schema', {}))} as {code(media)}"


def _answers(responses: dict[str, Any]) -> Iterator[str]:
    problems = sorted(status for status, answer in responses.items() if _PROBLEM in answer.get("content", {}))
    good = [(status, answer) for status, answer in responses.items() if status not in problems]
    yield table(("answer", "shape", ""), [_answer(status, answer) for status, answer in good])
    if problems:
        yield "Errors: " + ", ".join(problems) + "."


def _answer(status: str, answer: dict[str, Any]) -> tuple[str, str, str]:
    shape = "; ".join(_contents(answer.get("content", {})))
    return status, shape, re.sub(r"^No response body$", "no body", shapes.typed(answer.get("description", "")))
