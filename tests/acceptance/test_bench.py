"""The benchmark end to end, at a size at which its figures say nothing."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.acceptance.installation import ROOT
from tests.acceptance.processes import descendants, left, mentioning

LONGEST = 300
#: By part: words that its rows must hold. The stub's own rows are there only where wrk is installed.
ROWS = {
    "delivery": [
        "bare client, 0 ms", "end to end, 0 ms, 128 connections, 2 pumps", "end to end / bare, 0 ms",
        "end to end / bare, 50 ms, 1,000 connections, 1", "end to end, 50 ms", "CPU, bare client", "CPU, pump",
        "pump: database thread", "CPU, PostgreSQL", "CPU, stub",
    ],
    "prefork": ["bare pump", "pump as a Celery task", "Celery task / bare pump", "CPU of the Celery", "memory of the"],
    "engine": ["gateway that answers at once", "a text with a variable"],
    "growth": [
        "CPU of the pump, growth", "CPU of PostgreSQL, growth", "WAL, full-page images included, growth",
        "full-page images", "memory of the pump, growth",
    ],
    "wal": ["settling, full-page images aside"],
    "punctuality": ["p99 of a zone's first offer", "the last one settled"],
    "planning": ["the request answers", "planned whole", "WAL"],
    "caps": ["planned with no cap", "with a cap that all", "with a cap that nobody", "preview with a cap"],
    "retention": ["end to end alone", "end to end while old", "old messages removed", "are removed / alone"],
    "imports": ["rows into", "memory of the process", "the same beside sending", "sending beside it / alone"],
    "pages": ["desk: home", "desk: clients by a rare tag", "API: readyz", "pages together: in the database"],
    "exports": ["clients or more as csv", "clients or more as xlsx", "messages or more as xlsx", "most memory"],
    "segments": ["a tag and one of 100 operator codes", "a tag and 50", "an attribute"],
    "statistics": ["four counts of a mailing", "overall page", "full statistics of a finished mailing"],
}  # fmt: skip


@pytest.fixture
def start(eventually):
    """Start ``soroka bench`` with a folder for its scratch; the data stores it must not touch are named.

    The folder is not pytest's, which closes its own to others, and to root's PostgreSQL, at every start.
    """
    scratch = Path(tempfile.mkdtemp(prefix="soroka-acceptance-"))
    scratch.chmod(0o755)
    env = os.environ | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1"}
    started = []

    def run(*options):
        command = [sys.executable, "-m", "soroka", "bench", f"--folder={scratch}", *options]
        program = subprocess.Popen(
            command, cwd=ROOT, env=env, text=True, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        started.append(program)
        return program, scratch

    yield run
    for program in started:
        program.kill()
        program.stdout.close()
        program.wait()
    eventually(lambda: not mentioning(str(scratch)), within=10)
    shutil.rmtree(scratch)


def test_it_measures_everything_and_writes_it_down(start, tmp_path):
    page = tmp_path / "performance.md"
    page.write_text("before\n<!-- soroka bench: begin -->\n<!-- soroka bench: end -->\nafter\n")
    program, scratch = start(
        "--scale=0.0001", "--runs=1", f"--json={tmp_path / 'bench.json'}", f"--markdown={page}", f"--profile={tmp_path}"
    )
    output, _ = program.communicate(timeout=LONGEST)
    assert program.returncode == 0, output
    written = json.loads((tmp_path / "bench.json").read_bytes())
    for part, expected in ROWS.items():
        names = [row["name"] for row in written["rows"] if row["part"] == part]
        for words in expected:
            assert any(words in name for name in names), (part, words, names)
    assert all(row["median"] >= 0 and row["verdict"] in ("met", "missed", None) for row in written["rows"])
    assert written["seconds"].keys() == ROWS.keys() | {"profile"}
    assert written["settings"]["fsync"] == written["settings"]["full_page_writes"] == "on"
    assert written["profiles"].keys() == {"http", "engine"}
    _the_others_say_the_same(output, page, written)
    assert list(scratch.iterdir()) == []


def _the_others_say_the_same(output: str, page: Path, written: dict) -> None:
    text = page.read_text()
    assert text.startswith("before\n<!--")
    assert text.endswith("-->\nafter\n")
    assert "quick look" in output and "quick look" in text
    assert all(f"| {row['name']} | {row['unit']} |" in text for row in written["rows"])
    for word in written["machine"].keys() | written["versions"].keys():
        assert word in output and word in text


def test_ctrl_c_leaves_nothing_behind(start, eventually):
    program, scratch = start("--scale=0.0001", "--only=punctuality")
    eventually(lambda: any(scratch.glob("*/beat.log")), within=60)
    before = descendants(program.pid)
    program.send_signal(signal.SIGINT)
    program.communicate(timeout=30)
    assert program.returncode == 130
    eventually(lambda: not (left(before) | mentioning(str(scratch))), within=5)
    assert list(scratch.iterdir()) == []


def test_it_refuses_at_once_what_it_could_not_write(start, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("no markers")
    program, _ = start(f"--markdown={page}")
    output, _ = program.communicate(timeout=30)
    assert program.returncode == 1
    assert "to write between" in output
