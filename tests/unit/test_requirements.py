"""The package imports nothing that it does not name as what it needs: the wheel brings that along, and no more."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: Where what an extra brings may be imported.
EXTRAS = {
    "requirements-oidc.in": ("soroka/oidc/", "soroka/config/oidc.py"),
    "requirements-otel.in": ("soroka/config/tracing.py",),
    "requirements-sentry.in": ("soroka/config/sentry.py",),
}
#: What is a part of another: who has that one has it.
PARTS = {"kombu": "celery", "requests": "django-allauth"}
NAME = re.compile(r"^[A-Za-z0-9._-]+", re.MULTILINE)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def named(file: str) -> set[str]:
    return {normal(name) for name in NAME.findall((ROOT / file).read_text())}


def running(node: ast.AST) -> Iterator[ast.AST]:
    """What is below a node, but not what is there for a type checker alone."""
    for below in ast.iter_child_nodes(node):
        if not (isinstance(below, ast.If) and ast.unparse(below.test) == "TYPE_CHECKING"):
            yield below
            yield from running(below)


def imported(source: Path) -> set[str]:
    """The packages of others that a file imports, also inside a function."""
    nodes = list(running(ast.parse(source.read_text())))
    modules = [name.name for node in nodes if isinstance(node, ast.Import) for name in node.names]
    modules += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level]
    return {module.partition(".")[0] for module in modules} - sys.stdlib_module_names - {"soroka"}


def may_import(file: str) -> set[str]:
    extras = [extra for extra, places in EXTRAS.items() if file.startswith(places)]
    return set().union(*(named(requirements) for requirements in ("requirements.in", *extras)))


def test_what_is_imported_is_named():
    whose = packages_distributions()
    unnamed = {
        (file, package)
        for source in sorted((ROOT / "soroka").rglob("*.py"))
        for file in [str(source.relative_to(ROOT))]
        for package in imported(source)
        if not {PARTS.get(name, name) for name in map(normal, whose.get(package, []))} & may_import(file)
    }
    assert unnamed == set()
