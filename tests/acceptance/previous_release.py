"""The code of the release before this one, out of the history of the repository."""

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.acceptance.installation import ROOT

#: The first migration that the release before does not know. It is moved on with every release; what is between the two
#: may be upgraded while everything runs.
FIRST_MIGRATION = "soroka/migrations/0021_resend.py"


def git(*words: str) -> "subprocess.CompletedProcess[bytes]":
    """What git says of this checkout."""
    return subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, check=False, timeout=60)


def previous_release(into: Path) -> Path:
    """A folder with its package, made in ``into``."""
    if (shallow := git("rev-parse", "--is-shallow-repository")).stdout.strip() != b"false":
        reason = shallow.stderr.decode().strip() or "git fetch --unshallow"
        pytest.skip(f"NO UPGRADE WAS TESTED: this checkout has no history with the release before in it ({reason})")
    made = git("log", "-1", "--diff-filter=A", "--format=%H", "--", FIRST_MIGRATION).stdout.decode().strip()
    archive = git("archive", f"{made}^", "soroka")
    assert archive.returncode == 0, archive.stderr.decode()
    folder = into / "previous"
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    return folder
