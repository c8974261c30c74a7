import os
import subprocess
import sys
import threading
import time

import pytest

from soroka.bench.processes import cpu_of_threads, cpu_of_tree, peak_memory, tree

#: A process with one child, which works for a while, is waited for, and leaves its parent waiting.
FAMILY = """
import subprocess, sys
work = "import time\\nwhile time.process_time() < 0.3: pass"
subprocess.run([sys.executable, "-c", work])
print("done", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def family():
    with subprocess.Popen([sys.executable, "-c", FAMILY], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        yield parent
        parent.stdin.close()


def test_the_time_of_a_child_that_ended_is_counted(family):
    assert family.stdout.readline() == b"done\n"
    assert cpu_of_tree(family.pid) >= 0.29


def test_a_tree_is_a_process_with_its_descendants(family):
    assert {os.getpid(), family.pid} <= tree(os.getpid())
    assert os.getppid() not in tree(os.getpid())


def test_a_process_that_is_gone_has_no_memory():
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    assert peak_memory(gone.pid) == 0
    assert peak_memory() > 2**20


def test_the_time_of_the_database_thread_is_told_from_the_loop():
    ended, counted = threading.Event(), threading.Event()

    def work():
        while time.thread_time() < 0.2:
            pass
        ended.set()
        counted.wait(5)

    before = cpu_of_threads()["loop"]
    thread = threading.Thread(target=work, name="database_0")
    thread.start()
    ended.wait(10)
    seconds = cpu_of_threads()
    counted.set()
    thread.join()
    assert seconds["database"] >= 0.19
    assert seconds["loop"] - before < 0.19
