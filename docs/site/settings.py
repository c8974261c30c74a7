"""The page of settings: the words are those of the README, the rest is what the code says of each variable."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from os.path import relpath
from pathlib import Path

from docs.site.tables import code, table
from docs.site.variables import Read, read_by_code

_ROOT = Path(__file__).parents[2]
_ROW = re.compile(r"^\| (`[A-Z].*?) \|(.*?)\| (.*) \|$", re.MULTILINE)
_NAME = re.compile(r"`([A-Z][A-Z0-9_]+)`")
#: Whoever has one of these can come in, send or read. An address may have a login in it.
SECRETS = {
    "DATABASE_URL", "EMAIL_URL", "FLOWER_BASIC_AUTH", "GATEWAY_KEYS", "GATEWAY_TOKEN", "METRICS_TOKEN",
    "OIDC_CLIENT_SECRET", "POSTGRES_PASSWORD", "REDIS_URL", "SECRET_KEY", "SENTRY_DSN", "SOROKA_ADMIN_PASSWORD",
    "SOROKA_SIMULATOR_SECRET", "SQL_PASSWORD", "SUPPRESSION_KEY",
}  # fmt: skip
_HEAD = """# Settings

Written by `make reference`; a test fails where a variable that the code reads is missing here or in the
[README](../../README.md#configuration), and where one is told of that nothing reads. A *secret* is kept out of what
others can see. *Or as a file*: `NAME_FILE` may name a file that holds the value, in place of `NAME`.

"""
_CONTAINERS = """
## In containers

Read by the image, or by `docker-compose.yml`, which passes on what `.env.example` names and nothing else. What
`deploy/compose` has beyond that stands in its own [.env.example](../../deploy/compose/.env.example).

"""


@dataclass(frozen=True)
class Variable:
    """What the README says of one."""

    name: str
    default: str
    meaning: str
    as_file: bool


def page() -> str:
    """The whole of it."""
    text = (_ROOT / "README.md").read_text()
    everywhere, _, containers = text.partition("\nIn containers there is more.")
    return _HEAD + _table(told(everywhere)) + _CONTAINERS + _table(told(containers))


def told(text: str) -> list[Variable]:
    """The variables of a README."""
    return [variable for row in _ROW.findall(text) for variable in _variables(*map(str.strip, row))]


def _variables(names: str, defaults: str, meaning: str) -> Iterator[Variable]:
    """A row may tell of several, with a default for each or the same for all."""
    each = _NAME.findall(names)
    of_each = defaults.split(", ") if defaults.count(", ") == len(each) - 1 else [defaults] * len(each)
    for name, default in zip(each, of_each, strict=True):
        yield Variable(name, default, _from_here(meaning), names.endswith("*"))


def _from_here(words: str) -> str:
    """Links of the README lead from docs/reference."""
    return re.sub(r"\]\((?!\w+:)([^)#]+)", lambda link: f"]({relpath(link[1], 'docs/reference')}", words)


def _table(variables: list[Variable]) -> str:
    read = read_by_code()
    rows = [_row(variable, read.get(variable.name, Read())) for variable in variables]
    return table(("variable", "default", "meaning"), rows)


def _row(variable: Variable, read: Read) -> tuple[str, ...]:
    kinds = [read.kind, "secret" if variable.name in SECRETS else "", "or as a file" if variable.as_file else ""]
    kind = "; ".join(filter(None, kinds))
    return code(variable.name), variable.default, variable.meaning + (f". *{kind.capitalize()}.*" if kind else "")
