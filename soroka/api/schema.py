"""What OpenAPI says of errors: every operation answers them as one and the same document."""

from typing import Any

from django.utils.translation import gettext
from drf_spectacular.generators import SchemaGenerator

from soroka.api.problems import MEDIA_TYPE

_TEXT = {"type": "string"}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


PROBLEM = _object(
    type={**_TEXT, "format": "uri", "example": "urn:soroka:problem:invalid"},
    title={**_TEXT, "example": "Bad Request"},
    status={"type": "integer", "example": 400},
    detail=_TEXT,
    errors={
        "type": "array",
        "items": _object(
            field={**_TEXT, "example": "filter.tags[1]"}, code={**_TEXT, "example": "unknown_tag"}, message=_TEXT
        ),
    },
    request_id=_TEXT,
)
_WORDS = {
    "400": "A field is missing or wrong; ``errors`` names it.",
    "401": "No credential, or a bad one.",
    "403": "The role of the caller does not allow it.",
    "404": "There is no such thing.",
    "409": "The present state does not allow it.",
    "410": "It was there, and was removed by age.",
    "411": "The body comes in chunks, without its length.",
    "413": "The body is too large.",
    "415": "The body has another content type than this address takes.",
    "429": "Too often; ``Retry-After`` says when again.",
    "503": "Something is missing; ``errors`` names it.",
}
#: Lists of what is removed by age.
_LEDGERS = {"/messages", "/mailings/{mailing_id}/messages", "/mailings/{mailing_id}/messages/export.{kind}"}


def require_what_is_shown(result: dict[str, Any], generator: SchemaGenerator, **_: Any) -> dict[str, Any]:
    """A postprocessing hook of drf-spectacular: an answer has all of its members, also those with a default."""
    for name, schema in result["components"]["schemas"].items():
        if "properties" in schema and not name.endswith("Request"):
            schema["required"] = list(schema["properties"])
    return result


def add_problems(result: dict[str, Any], generator: SchemaGenerator, **_: Any) -> dict[str, Any]:
    """A postprocessing hook of drf-spectacular: the document as a component, and the errors of every operation."""
    result["components"]["schemas"]["ProblemDetails"] = PROBLEM
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for status in _statuses(path, method, operation):
                operation["responses"].setdefault(status, _answer(status))
    return result


def translate(result: dict[str, Any], generator: SchemaGenerator, **_: Any) -> dict[str, Any]:
    """A postprocessing hook of drf-spectacular: descriptions in the language of the caller.

    They are docstrings; ``soroka/api/descriptions`` has them in Russian.
    """
    _translate(result)
    return result


def _translate(node: Any) -> None:
    if isinstance(node, list):
        for below in node:
            _translate(below)
    elif isinstance(node, dict):
        for key, below in node.items():
            if key == "description" and below and isinstance(below, str):
                node[key] = gettext(below)
            else:
                _translate(below)


def _statuses(path: str, method: str, operation: dict[str, Any]) -> list[str]:
    if path == "/livez":
        return []
    if path == "/readyz":
        return ["503"]
    if path.endswith("/inbound"):
        return ["400", "401", "411", "413", "415", "429"]
    statuses = ["401", "429"] if path.startswith("/auth/") else ["401", "403", "429"]
    parameters = {each["name"] for each in operation.get("parameters", [])}
    if "{" in path or "page" in parameters:
        statuses.append("404")
    if "requestBody" in operation or any(each["in"] == "query" for each in operation.get("parameters", [])):
        statuses.append("400")
    if "requestBody" in operation:
        statuses += ["411", "413", "415"]
    if path in _LEDGERS:
        statuses.append("410")
    if method != "get" and not path.startswith("/auth/"):
        statuses.append("409")
    return statuses


def _answer(status: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {"description": _WORDS[status], "content": {MEDIA_TYPE: {"schema": schema}}}
