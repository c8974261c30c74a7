"""Which variables of the environment the code reads, found in the code itself."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_NAME = re.compile(r"[A-Z][A-Z0-9_]+")
#: Functions of the programs that read what their first argument names.
_READERS = re.compile(r"environ\.get|_number|_part|is_given|.*\bFileAwareEnv\(\)\.\w+")
#: What a reader of the settings makes of the text.
_KINDS = {
    "env.bool": "true or false", "env.int": "a whole number", "env.float": "a number", "env.list": "a list, by commas",
    "mail.hour": "an hour", "mail.recipients": "a list, by commas", "security.bound": "a whole number",
    "security.gateway_keys": "a list, by commas", "life": "a whole number", "_number": "a whole number",
}  # fmt: skip
#: Set by Soroka itself, or by the system for every program.
NOT_OURS = {"DJANGO_SETTINGS_MODULE", "HOSTNAME", "LANG", "LC_ALL", "LC_MESSAGES", "OTEL_SERVICE_NAME", "PATH",
            "PROMETHEUS_MULTIPROC_DIR", "SOROKA_URL"}  # fmt: skip


@dataclass(frozen=True)
class Read:
    """kind: in words, or empty for text.  default: as the code has it, or None."""

    kind: str = ""
    default: str | None = None


def read_by_code() -> dict[str, Read]:
    """Every variable that a program of Soroka, the image or docker-compose asks for."""
    found: dict[str, Read] = {}
    for path in sorted((_ROOT / "soroka").rglob("*.py")):
        if not {"bench", "prove", "migrations"} & set(path.parts):
            for name, read in _reads(ast.parse(path.read_text()), is_settings=path.parent.name == "config"):
                found[name] = max(found.get(name, Read()), read, key=lambda each: (bool(each.kind), bool(each.default)))
    for script in ("entrypoint.sh", "docker-compose.yml"):
        for name in re.findall(r"\$\{?([A-Z][A-Z0-9_]{2,})", (_ROOT / script).read_text()):
            found.setdefault(name.removesuffix("_FILE"), Read())
    return {name: read for name, read in found.items() if name not in NOT_OURS}


def _reads(tree: ast.AST, *, is_settings: bool) -> Iterator[tuple[str, Read]]:
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=ast.Attribute(attr="environ"), slice=ast.Constant(value=str(name))):
                yield name, Read()
            case ast.Call(func=function, args=arguments) if named := _named(arguments):
                caller = ast.unparse(arguments[0] if ast.unparse(function) == "partial" else function)
                reads = re.fullmatch(rf"(os\.)?({_READERS.pattern})", caller)
                if reads or (is_settings and not caller.endswith(("setdefault", "_"))):
                    yield named, Read(_KINDS.get(caller, ""), _default(node))


def _named(arguments: list[ast.expr]) -> str | None:
    """The first of them that is the name of a variable."""
    for argument in arguments:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and _NAME.fullmatch(argument.value):
            return argument.value
    return None


def _default(call: ast.Call) -> str | None:
    """Where it is a number, a truth or a text, or a product of numbers."""
    for keyword in call.keywords:
        if keyword.arg == "default":
            product = re.fullmatch(r"[\d* ]+", source := ast.unparse(keyword.value))
            value = eval(source, {}) if product else getattr(keyword.value, "value", None)  # noqa: S307 - of our own code
            return str(value).lower() if isinstance(value, bool) else None if value in (None, "") else str(value)
    return None
