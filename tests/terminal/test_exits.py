"""Commands as programs of their own: what their surroundings do to them."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from soroka.embedded.ports import HOST, free_port

SOROKA = Path(__file__).parents[2] / "bin" / "soroka"


@pytest.fixture
def run(tmp_path):
    """``run("mailing", "list")``: the command in an empty folder, with nothing but PATH in its environment."""

    def start(*words, **env):
        surroundings = {"PATH": os.environ["PATH"], "SOROKA_HOME": str(tmp_path / "var")} | env
        return subprocess.run(
            [SOROKA, *words], cwd=tmp_path, env=surroundings, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip

    return start


@pytest.fixture
def nobody():
    """The address of a database that is not there."""
    return f"postgresql://soroka:secret@{HOST}:{free_port()}/soroka"


@pytest.mark.parametrize("words", [["mailing", "list"], ["manage", "check"], ["verify-consents"], ["gateways"]])
def test_without_an_installation_it_ends_with_5_and_says_what_to_do(run, words):
    ended = run(*words)
    assert (ended.returncode, ended.stdout) == (5, "")
    assert "there is no installation in" in ended.stderr
    assert "`soroka up`" in ended.stderr


def test_a_database_that_does_not_answer_ends_with_5(run, nobody):
    ended = run("mailing", "list", "--json", DATABASE_URL=nobody, REDIS_URL="redis://none", SECRET_KEY="k" * 32)
    assert (ended.returncode, ended.stdout) == (5, "")
    problem = json.loads(ended.stderr)
    assert problem["type"] == "urn:soroka:problem:unreachable"
    assert "secret" not in ended.stderr


def test_a_setting_that_cannot_be_read_ends_with_5(run, nobody):
    env = {"DATABASE_URL": nobody, "REDIS_URL": "redis://none", "SECRET_KEY": "k", "SEND_CAP": "many"}
    ended = run("mailing", "list", **env)
    assert ended.returncode == 5
    assert "SEND_CAP" in ended.stderr


def test_a_command_that_nobody_knows_ends_with_2(run):
    assert run("mailings").returncode == 2
    assert json.loads(run("mailings", "--json").stderr)["exit_code"] == 2


def test_every_command_has_help_without_an_installation(run):
    listed = run("--help").stdout
    for words in (["mailing", "create"], ["mailing", "watch"], ["gateways", "start-again"], ["import-clients"]):
        assert words[0] in listed
        ended = run(*words, "--help")
        assert ended.returncode == 0
        assert "--json" in ended.stdout
