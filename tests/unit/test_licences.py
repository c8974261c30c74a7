"""docs/reference/licences.md names what the service runs on; `make licences` writes it."""

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (\S+) +\| (.+?) +\| (\S+)", re.MULTILINE)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def installed(name: str) -> bool:
    """Some are for another system or Python alone."""
    try:
        return bool(distribution(name))
    except PackageNotFoundError:
        return False


def told() -> dict[str, str]:
    rows = ROW.findall((ROOT / "docs" / "reference" / "licences.md").read_text())
    return {normal(name): licence for name, licence, _ in rows if name != "Name"}


def test_every_dependency_is_there_with_its_licence():
    named = re.findall(r"^([a-z0-9._-]+)(?:\[.*\])?==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    needed = {normal(name) for name in named if installed(name)}
    assert len(needed) > 50
    assert needed == {name for name in told() if not name.startswith("-")}


#: Its metadata says nothing; the file LICENSE that comes with it is Apache-2.0.
UNSAID = {"pyreqwest"}


def test_none_of_them_asks_for_the_source_of_what_uses_it():
    licences = {name: licence for name, licence in told().items() if name not in UNSAID}
    strict = {name: licence for name, licence in licences.items() if re.search(r"\bA?GPL|Affero|UNKNOWN", licence)}
    assert strict == {}
