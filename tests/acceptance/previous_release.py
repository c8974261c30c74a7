"""The code of the release before this one, out of the history of the repository."""

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.acceptance.installation import ROOT

#: The first migration that the release before does not know: from it on all are judged, too. It is moved on with every
#: release; what is between the two may be upgraded while everything runs.
FIRST_MIGRATION = "0008_cap"


def git(*words: str, checkout: Path = ROOT) -> bytes:
    """What git says of a checkout, whoever owns it."""
    command = ["git", "-c", "safe.directory=*", "-C", str(checkout), *words]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def commit_before(migration: str, checkout: Path = ROOT) -> str:
    """The commit before the one that brought a migration; empty where the history begins with that, or later."""
    if not (checkout / ".git").exists():
        return ""
    file = f"soroka/migrations/{migration}.py"
    return git("log", "-1", "--diff-filter=A", "--format=%P", "--", file, checkout=checkout).decode().strip()


def previous_release(into: Path) -> Path:
    """A folder with its package, made in ``into``."""
    commit = commit_before(FIRST_MIGRATION)
    if not commit:
        pytest.skip(
            "NO UPGRADE WAS TESTED: this checkout has no history with the release before (git fetch --unshallow)"
        )
    folder = into / "previous"
    with tarfile.open(fileobj=io.BytesIO(git("archive", commit, "soroka"))) as files:
        files.extractall(folder, filter="data")
    return folder
