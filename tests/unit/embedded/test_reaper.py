import signal
import subprocess

from soroka.embedded.reaper import end, left_running

SUPERVISOR = """
import asyncio, os, sys
from pathlib import Path
from soroka.embedded.child import Child
from soroka.embedded.lock import lock_home
from soroka.embedded.program import Program
from soroka.embedded.reaper import Reaper

async def main(home):
    program = Program("worker", ("sh", "-c", sys.argv[2]), dict(os.environ), cwd=home)
    child = Child(program, None, Reaper(lock_home(home), grace=1.0))
    await child.start()
    (home / "started").touch()
    await child.ended()

asyncio.run(main(Path(sys.argv[1])))
"""


def test_what_was_taken_back_is_not_left_running():
    assert left_running(["+10 15\n", "+11 2\n", "-10\n"]) == {11: 2}


def test_it_asks_before_it_kills(tmp_path, eventually, monkeypatch):
    monkeypatch.setattr("soroka.embedded.reaper.KILL_TAKES", 0)  # the dead child is ours and stays until we ask for it
    script = 'trap "echo asked > asked" TERM; echo > ready; while :; do sleep 0.02; done'
    stubborn = subprocess.Popen(["sh", "-c", script], cwd=tmp_path, start_new_session=True)
    eventually((tmp_path / "ready").exists)
    end({stubborn.pid: signal.SIGTERM}, grace=0.3)
    assert stubborn.wait(5) == -signal.SIGKILL
    assert (tmp_path / "asked").exists()


def test_a_killed_supervisor_leaves_neither_children_nor_grandchildren(tmp_path, python_program, eventually, gone):
    script = "echo $$ > new; mv new child; sleep 60 & wait"
    supervisor = subprocess.Popen(python_program(SUPERVISOR, tmp_path, script))
    eventually(lambda: (tmp_path / "child").exists() and (tmp_path / "started").exists())
    supervisor.kill()
    supervisor.wait(5)
    gone(int((tmp_path / "child").read_text()), within=10)


def test_the_folder_stays_locked_until_nothing_is_left(tmp_path, python_program, eventually):
    script = 'trap "" TERM; echo $$ > new; mv new child; while :; do sleep 0.02; done'
    supervisor = subprocess.Popen(python_program(SUPERVISOR, tmp_path, script))
    eventually(lambda: (tmp_path / "child").exists() and (tmp_path / "started").exists())
    child = int((tmp_path / "child").read_text())
    supervisor.kill()
    supervisor.wait(5)
    lock = "from pathlib import Path; from soroka.embedded.lock import lock_home; import sys, os\n"
    lock += "lock_home(Path(sys.argv[1])); os.kill(int(sys.argv[2]), 0)"
    after = subprocess.run(python_program(lock, tmp_path, child), capture_output=True, text=True, timeout=20)
    assert "ProcessLookupError" in after.stderr
