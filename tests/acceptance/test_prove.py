"""The whole proof at a small scale: every fault is there, and every promise holds."""

import json
import subprocess
import sys

import pytest

from soroka.prove.rows import ALL
from tests.acceptance.installation import ROOT

#: Rows over a gateway that knows repeats and one that does not give a line for each.
BOTH = {"workers", "worker frozen", "postgres killed", "postgres away"}
WITHIN = 540.0


@pytest.fixture(scope="module")
def proof(tmp_path_factory):
    """What the command wrote, and how it ended."""
    answer = tmp_path_factory.mktemp("proof") / "proof.json"
    command = [sys.executable, "-m", "soroka", "prove", "--scale=0.01", "--seed=5", f"--json={answer}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=WITHIN, check=False)
    return json.loads(answer.read_text()), done


def test_every_fault_has_its_line(proof):
    verdicts, _ = proof
    expected = {row.name for row in ALL} - BOTH
    expected |= {f"{name}, {word}" for name in BOTH for word in ("repeats known", "no repeats")}
    assert {verdict["name"] for verdict in verdicts["verdicts"]} == expected


def test_every_promise_holds(proof):
    verdicts, done = proof
    for verdict in verdicts["verdicts"]:
        broken = [promise for promise in verdict["promises"] if not promise["holds"]]
        assert not broken and not verdict["problem"], (verdict["name"], broken, verdict["problem"], done.stdout)
    assert done.returncode == 0, done.stdout
