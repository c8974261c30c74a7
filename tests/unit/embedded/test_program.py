import subprocess
import sys

import pytest

PARENT = """
import os, subprocess, sys
from soroka.embedded.program import Program

program = Program("child", ("sleep", "60"), dict(os.environ))
print(subprocess.Popen(program.argv, **program.options()).pid, flush=True)
input()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a death signal")
def test_a_program_ends_with_a_parent_that_was_killed(python_program, gone):
    parent = subprocess.Popen(python_program(PARENT), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    child = int(parent.stdout.readline())
    parent.kill()
    parent.communicate(timeout=5)
    gone(child)
