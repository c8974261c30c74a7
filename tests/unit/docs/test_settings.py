"""Every variable that the code reads is told of, and none beyond."""

import re
from pathlib import Path

import pytest

from docs.site.settings import SECRETS, told
from docs.site.variables import read_by_code

ROOT = Path(__file__).parents[3]
READMES = ["README.md", "README.ru.md"]
#: Read by Python, docker-compose and the like, not by name in our code.
OF_OTHERS = {"ALL_PROXY", "COMPOSE_PROFILES", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "SSL_CERT_DIR"}


def names(readme: str) -> set[str]:
    return {variable.name for variable in told((ROOT / readme).read_text())}


@pytest.mark.parametrize("readme", READMES)
def test_what_the_code_reads_is_told_of(readme):
    assert read_by_code().keys() - names(readme) == set()


@pytest.mark.parametrize("readme", READMES)
def test_nothing_is_told_of_that_nothing_reads(readme):
    sources = [*(ROOT / "soroka").rglob("*.py"), ROOT / "entrypoint.sh", ROOT / "docker-compose.yml"]
    words = set(re.findall(r"\w+", "\n".join(path.read_text() for path in sources)))
    assert names(readme) - words - OF_OTHERS == set()


def test_a_default_that_is_told_is_that_of_the_code():
    read = read_by_code()
    pairs = {
        variable.name: (variable.default.strip("`"), read[variable.name].default)
        for variable in told((ROOT / "README.md").read_text())
        if variable.name in read and read[variable.name].default
    }
    assert len(pairs) > 20
    assert {name: pair for name, pair in pairs.items() if pair[0] != pair[1]} == {}


def test_what_may_be_a_secret_is_said_to_be_one():
    ours = names("README.md")
    assert ours >= SECRETS
    suspects = {name for name in ours if re.search(r"SECRET|PASSWORD|_KEYS?$|_TOKEN$|_AUTH$|_DSN$", name)}
    assert suspects - SECRETS == {"THROTTLE_KEY"}


def test_what_compose_hands_on_is_told_of():
    handed_on = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert set(handed_on) - names("README.md") == set()
