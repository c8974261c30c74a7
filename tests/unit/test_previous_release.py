"""Which commit an upgrade is tested from."""

import subprocess

import pytest

from tests.acceptance.previous_release import commit_before, git

AUTHOR = ("-c", "user.name=anna", "-c", "user.email=anna@example.org", "-c", "commit.gpgsign=false")


@pytest.fixture
def checkout(tmp_path):
    """One commit without the migration ``0002_two``, and one that brings it."""
    folder = tmp_path / "checkout"
    migrations = folder / "soroka" / "migrations"
    migrations.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(folder)], check=True, timeout=60)
    for name in ("0001_one", "0002_two", "0003_three"):
        (migrations / f"{name}.py").touch()
        git("add", "-A", checkout=folder)
        git(*AUTHOR, "commit", "-q", "-m", name, checkout=folder)
    return folder


def test_it_is_the_one_before_the_first_new_migration(checkout):
    assert commit_before("0002_two", checkout) == git("rev-parse", "HEAD~2", checkout=checkout).decode().strip()


def test_a_checkout_of_somebody_else_is_read_as_well(checkout, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "true")
    assert commit_before("0002_two", checkout)


@pytest.mark.parametrize("depth", ["1", "2"])
def test_a_history_that_begins_later_has_none(checkout, tmp_path, depth):
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", f"--depth={depth}", checkout.as_uri(), str(clone)], check=True, timeout=60)
    assert commit_before("0002_two", clone) == ""


def test_neither_has_what_is_no_checkout(tmp_path):
    assert commit_before("0002_two", tmp_path) == ""
