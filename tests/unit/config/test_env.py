from pathlib import Path

import environ
import pytest

from soroka.config.env import Variables


@pytest.fixture
def env() -> environ.Env:
    reader = environ.Env()
    reader.ENVIRON = Variables()
    return reader


def test_a_file_holds_the_value_without_the_end_of_its_line(
    env: environ.Env, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "token"
    secret.write_text("one\n")
    monkeypatch.setenv("SOME_TOKEN_FILE", str(secret))
    assert env.str("SOME_TOKEN") == "one"


def test_a_file_that_was_replaced_counts_at_once(
    env: environ.Env, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "token"
    secret.write_text("one")
    monkeypatch.setenv("SOME_TOKEN_FILE", str(secret))
    assert env.str("SOME_TOKEN") == "one"
    secret.write_text("two\n")
    assert env.str("SOME_TOKEN") == "two"


def test_a_variable_is_read_as_it_stands(env: environ.Env, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", "plain ")
    assert env.str("SOME_TOKEN") == "plain "
