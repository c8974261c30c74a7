"""The shapes of bodies and answers, as OpenAPI has them, in Markdown."""

from collections.abc import Iterator
from typing import Any

from docs.site.tables import code, table

_BOUNDS = (("minimum", "maximum", ""), ("minLength", "maxLength", " characters"), ("minItems", "maxItems", " of them"))
_FORMATS = {"date-time": "a moment", "date": "a date", "uri": "an address", "binary": "a file", "double": "a number"}
_NAMES = {
    "string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
    "object": "an object", "array": "a list",
}  # fmt: skip


def told(schemas: dict[str, Any]) -> Iterator[str]:
    """A chapter for each."""
    for name, schema in sorted(schemas.items()):
        fields = table(("field", "takes", ""), _fields(schema, name.endswith("Request")))
        values = "" if fields else f"Takes: {kind(schema)}."
        yield "\n\n".join(filter(None, (f"### {name}", typed(schema.get("description", "")), fields, values)))


def kind(schema: dict[str, Any]) -> str:
    """What a value is: its type, its bounds, and what stands where it is left out."""
    parts = [_type(schema) + (" or null" if schema.get("nullable") else "")]
    if "enum" not in schema:
        parts += _bounds(schema)
    if "default" in schema:
        parts.append(f"default {code(_json(schema['default']))}")
    return ", ".join(parts)


def _bounds(schema: dict[str, Any]) -> Iterator[str]:
    for lower, upper, of in _BOUNDS:
        least, most = schema.get(lower), schema.get(upper)
        if least is not None and most is not None:
            yield f"{least} to {most}{of}"
        elif least is not None:
            yield "not empty" if (lower, least) == ("minLength", 1) else f"{least}{of} or more"
        elif most is not None:
            yield f"{most}{of} at most"
    if "pattern" in schema:
        yield code(schema["pattern"])


def typed(text: str) -> str:
    """Words of a docstring."""
    return text.replace("``", "`")


def _fields(schema: dict[str, Any], is_body: bool) -> Iterator[tuple[str, str, str]]:
    """Of an answer nothing is left out."""
    required = schema.get("required", []) if is_body else []
    for name, field in schema.get("properties", {}).items():
        needed = "needed. " if name in required else ""
        yield code(name), kind(field), needed + typed(field.get("description", ""))


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for several, between in (("allOf", " and "), ("oneOf", " or "), ("anyOf", " or ")):
        if several in schema:
            return between.join(map(_type, schema[several]))
    if "enum" in schema:
        return " or ".join(code(_json(value)) for value in schema["enum"])
    if "items" in schema:
        return f"a list of {_type(schema['items'])}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"an object of {_type(schema['additionalProperties'])}"
    return _FORMATS.get(schema.get("format", ""), _NAMES.get(schema.get("type", ""), "anything"))


def _json(value: Any) -> str:
    return {None: "null", True: "true", False: "false"}.get(value, str(value)) if not isinstance(value, list) else "[]"
