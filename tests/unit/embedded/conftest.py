import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from soroka.embedded.child import Service
from soroka.embedded.program import Program, Stop
from soroka.embedded.reaper import Reaper, is_alive
from soroka.embedded.supervisor import Supervisor


@pytest.fixture
def shell(tmp_path):
    """``shell(name, script, stops)``: a program that runs a shell script in a folder of its own."""

    def program(name: str, script: str, stops: tuple[Stop, ...] = (Stop(15, 5.0),)) -> Program:
        return Program(name, ("sh", "-c", script), dict(os.environ), cwd=tmp_path, stops=stops)

    return program


@pytest.fixture
def steady(shell, tmp_path):
    """``steady(name)``: a service that tells its process id in ``<name>.pid`` and runs until it is stopped."""

    def service(name: str, script: str = "exec sleep 60", vital: bool = False) -> Service:
        told = tmp_path / f"{name}.pid"
        return Service(shell(name, f"echo $$ > {name}.new; mv {name}.new {name}.pid; {script}"), told.exists, vital)

    return service


@pytest.fixture
def pid_of(tmp_path, eventually):
    """``pid_of(name, not_=None)``: the process id that the service of ``steady`` told; another one than ``not_``."""

    def read(name: str, not_: int | None = None) -> int:
        path = tmp_path / f"{name}.pid"
        return eventually(lambda: path.exists() and (pid := int(path.read_text())) != not_ and pid)

    return read


@pytest.fixture
def said():
    return []


@pytest.fixture
def reaper(tmp_path):
    with (tmp_path / "lock").open("w") as lock:
        reaper = Reaper(lock.fileno())
        yield reaper
        reaper.close()


@pytest.fixture
def supervisor(tmp_path, reaper, said):
    return Supervisor(tmp_path / "log", reaper, said.append)


@pytest.fixture
def python_program():
    """``python_program(script)``: the command line of a Python script, run from where the tests run."""
    return lambda script, *arguments: [sys.executable, "-c", script, *map(str, arguments)]


@pytest.fixture
def gone(eventually):
    """``gone(group)``: wait until no member of the process group is left."""
    return lambda group, within=5.0: eventually(lambda: not is_alive(group), within=within)


@pytest.fixture
def open_home():
    """A data folder that the user of PostgreSQL may enter; those of pytest are closed."""
    folder = Path(tempfile.mkdtemp(prefix="soroka-test-"))
    folder.chmod(0o755)
    yield folder / "var"
    shutil.rmtree(folder)
