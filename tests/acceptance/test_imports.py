"""Imports at their real sizes, on the data of a stack that runs: by the command line and by the worker."""

import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from soroka.bench.processes import peak_memory
from tests.acceptance.installation import ROOT
from tests.workbooks import bomb

#: Bytes that an import may need, whatever the file.
MOST_MEMORY = 200 * 2**20


class Ended(NamedTuple):
    """A command that has ended. memory: the most that it had resident, bytes."""

    code: int
    said: str
    memory: int


@pytest.fixture
def import_clients(stack, tmp_path):
    """``import_clients(path)``: the command, run to its end."""

    def run(path: Path, *options: str) -> Ended:
        argv = [sys.executable, "-m", "soroka", "import-clients", str(path), *options]
        terminal = tmp_path / "terminal"
        with terminal.open("wb") as out:
            command = subprocess.Popen(argv, cwd=ROOT, env=stack.env, stdout=out, stderr=out)
        memory = 0
        while command.poll() is None:  # what the kernel tells at the end has the memory of pytest in it
            memory = max(memory, peak_memory(command.pid))
            time.sleep(0.05)
        return Ended(command.returncode, terminal.read_text(), memory)

    return run


def test_the_command_imports_lists_what_it_refuses_and_changes_nothing_the_second_time(import_clients, api, tmp_path):
    path, refused = tmp_path / "clients.csv", tmp_path / "refused.csv"
    path.write_text("Связь;имя\n8 920 000-00-01;Анна\n12;Ян\n", encoding="cp1251")
    ended = import_clients(path, "--map", "Связь=phone", "--errors", str(refused))
    assert ended.code == 0
    assert "rows 2, added 1, changed 0, unchanged 0, refused 1" in ended.said
    assert refused.read_text(encoding="utf-8-sig").splitlines()[1].startswith("3;The phone number is too short.")
    assert "added 0, changed 0, unchanged 1" in import_clients(path, "--map", "Связь=phone").said
    [client] = api.get("/clients?phone=79200000001")["results"]
    assert client["attributes"] == {"имя": "Анна"}


def test_a_line_of_a_hundred_megabytes_is_one_refused_row(import_clients, tmp_path):
    path = tmp_path / "clients.csv"
    with path.open("wb") as file:
        file.write(b"phone,name\n79200000002,a\n79200000003,")
        for _ in range(100):
            file.write(b"x" * 2**20)
        file.write(b"\n79200000004,b\n")
    ended = import_clients(path)
    assert ended.code == 0
    assert "rows 3, added 2, changed 0, unchanged 0, refused 1" in ended.said
    assert ended.memory < MOST_MEMORY


def test_a_file_of_two_gigabytes_is_refused_by_its_size(import_clients, tmp_path):
    path = tmp_path / "clients.csv"
    with path.open("wb") as file:
        file.write(b"phone\n79200000005\n")
        file.truncate(2 * 2**30)
    ended = import_clients(path)
    assert ended.code == 1
    assert "larger than 268435456 bytes" in ended.said
    assert ended.memory < MOST_MEMORY


def test_a_bomb_that_does_not_say_so_ends_at_its_limits(import_clients, tmp_path):
    path = tmp_path / "clients.xlsx"
    path.write_bytes(bomb(3 * 2**29, honest=False))
    ended = import_clients(path)
    assert ended.code == 1
    assert "failed. The workbook" in ended.said
