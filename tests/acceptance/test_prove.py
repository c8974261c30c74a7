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
#: How often what took too long among all rows is tried once more by itself: a machine of CI has other work, too.
AGAIN = 2


def prove(answer, *options):
    """What the command wrote, and how it ended."""
    command = [sys.executable, "-m", "soroka", "prove", "--scale=0.01", "--seed=5", f"--json={answer}", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=WITHIN, check=False)
    return json.loads(answer.read_text()), done


def broken(proof, timed):
    """What did not hold, by row. timed: what took too long, or all the rest."""
    return {
        verdict["name"]: promises
        for verdict in proof["verdicts"]
        if (promises := [one for one in verdict["promises"] if not one["holds"] and one["timed"] == timed])
    }


@pytest.fixture(scope="module")
def proof(tmp_path_factory):
    """Of the whole run."""
    return prove(tmp_path_factory.mktemp("proof") / "proof.json")


def test_every_fault_has_its_line(proof):
    found, _ = proof
    expected = {row.name for row in ALL} - BOTH
    expected |= {f"{name}, {word}" for name in BOTH for word in ("repeats known", "no repeats")}
    assert {verdict["name"] for verdict in found["verdicts"]} == expected


def test_every_promise_holds(proof):
    found, done = proof
    assert not broken(found, timed=False), done.stdout
    assert not [verdict["name"] for verdict in found["verdicts"] if verdict["problem"]], done.stdout
    assert done.returncode == 0 or broken(found, timed=True), done.stdout


def test_nothing_takes_too_long(proof, tmp_path):
    found, done = proof
    for again in range(AGAIN):
        if not (late := broken(found, timed=True)):
            break
        found, done = prove(tmp_path / f"{again}.json", *(f"--only={name.partition(',')[0]}" for name in late))
        assert not broken(found, timed=False), done.stdout
    assert not broken(found, timed=True), done.stdout
