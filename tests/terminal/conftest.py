"""Commands as a person or a script calls them, on a real database."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result

from soroka.audience.filter import Filter
from soroka.cli import main
from soroka.models import Gateway, Mailing
from soroka.planning.launch import create_mailing, plan
from tests.broker import alive, broker
from tests.rows import gateway, make_clients, make_mailing, moscow, vip


@pytest.fixture(autouse=True)
def database(db: None) -> None:
    """Every test here works on the real database, in a transaction that is rolled back."""


@pytest.fixture
def soroka() -> Callable[..., Result]:
    """``soroka("mailing", "list")``: run to its end; LANG and other variables by keyword."""

    def run(*words: str, typed: str | None = None, **env: str) -> Result:
        surroundings = {"LANG": "en_US.UTF-8", "LC_ALL": None, "LC_MESSAGES": None, "COLUMNS": "120"} | env
        done = CliRunner().invoke(main, [str(word) for word in words], input=typed, env=surroundings)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    return run


@pytest.fixture
def told(soroka: Callable[..., Result]) -> Callable[..., Any]:
    """``told("mailing", "list")``: the one JSON document of stdout; nothing else is said."""

    def run(*words: str, code: int = 0, **others: Any) -> Any:
        done = soroka(*words, "--json", **others)
        assert (done.exit_code, done.stderr) == (code, "")
        return json.loads(done.stdout)

    return run


@pytest.fixture
def refused(soroka: Callable[..., Result]) -> Callable[..., Any]:
    """``refused(3, "mailing", "show", "99")``: it ends with this code, and its error as JSON on stderr."""

    def run(code: int, *words: str, **others: Any) -> Any:
        done = soroka(*words, "--json", **others)
        assert (done.exit_code, done.stdout) == (code, ""), done.output
        document = json.loads(done.stderr)
        assert document.keys() == {"type", "detail", "errors", "exit_code"}
        assert document["exit_code"] == code
        return document

    return run


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody sits at the terminal and answers what the test types."""
    monkeypatch.setattr("soroka.terminal.asking.has_person", lambda: True)


__all__ = ["alive", "broker", "gateway", "make_clients", "make_mailing", "moscow", "vip"]
