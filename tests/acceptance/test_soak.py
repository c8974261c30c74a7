"""A short soak: mailings flow, something breaks, and every verdict is given. Leaks: tests/unit/prove."""

import json
import subprocess
import sys

import pytest

from tests.acceptance.installation import ROOT

WITHIN = 540.0


@pytest.fixture(scope="module")
def soaked(tmp_path_factory):
    """What the command wrote as JSON and as Markdown, and how it ended."""
    folder = tmp_path_factory.mktemp("soak")
    command = [
        sys.executable, "-m", "soroka", "soak", "--minutes=1", "--rate=100", f"--json={folder}/soak.json",
        f"--markdown={folder}/soak.md",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=WITHIN, check=False)
    assert (folder / "soak.json").exists(), done.stdout + done.stderr
    return json.loads((folder / "soak.json").read_text()), (folder / "soak.md").read_text(), done


def test_nothing_is_lost_while_things_break(soaked):
    found, _, done = soaked
    assert found["faults"]
    assert found["numbers"]["planned"] == found["numbers"]["delivered"] >= 5000
    assert found["numbers"]["lost"] == found["numbers"]["in doubt"] == 0
    # How many messages a second a busy machine sends is no matter of a test.
    broken = [
        promise for promise in found["promises"] if not promise["holds"] and promise["text"] != "the rate is held"
    ]
    assert not broken, done.stdout


def test_memory_connections_and_tables_are_judged_with_figures(soaked):
    found, page, _ = soaked
    said = {promise["text"].partition(",")[0].partition(":")[0]: promise["detail"] for promise in found["promises"]}
    for text in ("memory stays flat", "open descriptors do not grow", "sessions of PostgreSQL do not grow"):
        assert "worker" in said[text] and "→" in said[text]
    assert "vacuum keeps up" in said
    assert "| memory of worker, MB |" in page and "| indexes of message, MB |" in page
