import os
import stat

import pytest

from soroka.embedded.environment import NEEDED, SHARED, join_installation, keep_environment
from soroka.embedded.errors import StackError

TOLD = {"DATABASE_URL": "postgresql://the-one", "REDIS_URL": "unix:///the-one", "SECRET_KEY": "the key"}


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    """An environment that names nothing, and a data folder that is empty."""
    for name in (*NEEDED, *SHARED, "DATABASE", "SQL_HOST"):
        for variable in (name, f"{name}_FILE"):
            monkeypatch.setenv(variable, "")  # so that what is set here is undone as well
            monkeypatch.delenv(variable)
    monkeypatch.setenv("SOROKA_HOME", str(tmp_path / "var"))
    (tmp_path / "var").mkdir()


@pytest.fixture
def home(tmp_path):
    return tmp_path / "var"


def test_a_command_is_told_what_the_programs_are_told(home, monkeypatch):
    monkeypatch.setenv("TIME_ZONE", "Asia/Omsk")
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    keep_environment(home, TOLD | {"GATEWAY_TOKEN": "none of a command's business"})
    monkeypatch.delenv("TIME_ZONE")
    monkeypatch.delenv("LOG_LEVEL")
    join_installation()
    assert {name: os.environ[name] for name in TOLD} == TOLD
    assert os.environ["TIME_ZONE"] == "Asia/Omsk"
    assert not {"LOG_LEVEL", "GATEWAY_TOKEN"} & os.environ.keys()


def test_what_our_environment_says_holds(home, monkeypatch):
    monkeypatch.setenv("SEND_WINDOW", "09:00-21:00")
    keep_environment(home, TOLD)
    monkeypatch.setenv("SEND_WINDOW", "")
    monkeypatch.setenv("DATABASE_URL", "postgresql://another")
    join_installation()
    assert os.environ["DATABASE_URL"] == "postgresql://another"
    assert os.environ["REDIS_URL"] == TOLD["REDIS_URL"]
    assert not os.environ["SEND_WINDOW"]


def test_an_environment_that_names_all_is_left_alone(home, monkeypatch):
    keep_environment(home, TOLD | {"TIME_ZONE": "Asia/Omsk"})
    for name in NEEDED:
        monkeypatch.setenv(name, "of another")
    join_installation()
    assert "TIME_ZONE" not in os.environ


def test_a_file_with_a_secret_is_found_from_any_folder(home, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUPPRESSION_KEY_FILE", "key")
    keep_environment(home, TOLD)
    monkeypatch.delenv("SUPPRESSION_KEY_FILE")
    join_installation()
    assert os.environ["SUPPRESSION_KEY_FILE"] == str(tmp_path / "key")


def test_it_is_closed_to_others(home):
    keep_environment(home, TOLD)
    [kept] = home.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_where_there_is_none_it_says_what_to_do(home):
    with pytest.raises(StackError, match=r"no installation in .*/var. Set SOROKA_HOME .*`soroka up`.*REDIS_URL and"):
        join_installation()


def test_one_that_was_brought_back_or_is_of_an_older_soroka_has_to_be_started_once(home):
    (home / "secrets.json").write_text("{}")
    with pytest.raises(StackError, match="has not started yet"):
        join_installation()


def test_one_that_cannot_be_read_is_a_clear_error(home):
    (home / "environment.json").write_text("{")
    with pytest.raises(StackError, match=r"cannot read .*environment.json"):
        join_installation()


def test_the_parts_of_a_container_are_put_together(monkeypatch):
    for name, value in TOLD.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DATABASE_URL")
    for part in ("HOST", "USER", "PASSWORD", "DATABASE"):
        monkeypatch.setenv(f"SQL_{part}", part.lower())
    join_installation()
    assert os.environ["DATABASE_URL"] == "postgresql://user:password@host:5432/database"
