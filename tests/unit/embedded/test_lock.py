import os
import subprocess

import pytest

from soroka.embedded.errors import StackError
from soroka.embedded.lock import lock_home

FIRST = """
import sys
from pathlib import Path
from soroka.embedded.lock import lock_home

lock_home(Path(sys.argv[1]))
print("locked", flush=True)
input()
"""


def test_a_second_stack_on_one_folder_is_refused_by_name(tmp_path, python_program, eventually):
    first = subprocess.Popen(python_program(FIRST, tmp_path), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert first.stdout.readline()
    with pytest.raises(StackError, match=rf"already runs on .*\(process {first.pid}\).*SOROKA_HOME"):
        lock_home(tmp_path)
    first.communicate(b"\n", timeout=5)
    os.close(lock_home(tmp_path))


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StackError, match="set SOROKA_HOME"):
        lock_home(tmp_path / "file" / "var")
