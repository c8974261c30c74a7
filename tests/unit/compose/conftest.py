import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from soroka.embedded.postgres import Postgres, embedded_postgres

ROOT = Path(__file__).parents[3]


class Entrypoint:
    """entrypoint.sh with an environment of its own: it finds our Python, and what the test gives it."""

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Run it with these arguments."""
        path = f"{Path(sys.executable).parent}:{os.defpath}"
        return subprocess.Popen(
            ["sh", ROOT / "entrypoint.sh", *arguments], cwd=ROOT, env={"PATH": path} | environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def shows(self, *arguments: str, **environment: str) -> str:
        """What it prints to the end, which must be a good one."""
        output, errors = (process := self.start(*arguments, **environment)).communicate(timeout=30)
        assert process.returncode == 0, errors
        return output.strip()

    def refuses(self, *arguments: str, **environment: str) -> str:
        """What it complains about at its end, which must be a bad one."""
        _, errors = (process := self.start(*arguments, **environment)).communicate(timeout=30)
        assert process.returncode != 0
        return errors


@pytest.fixture
def entrypoint():
    return Entrypoint()


@pytest.fixture
def postgres():
    """A PostgreSQL that is not running yet."""
    folder = Path(tempfile.mkdtemp(prefix="soroka-test-"))
    folder.chmod(0o755)  # the user that PostgreSQL runs as must get to its own part
    yield embedded_postgres(folder, {"fsync": "off"})
    shutil.rmtree(folder)


@pytest.fixture
def serve(eventually):
    """``serve(postgres)``: start it. Returns once it is ready."""
    running = []

    def start(postgres: Postgres) -> None:
        program = postgres.program
        running.append((subprocess.Popen(program.argv, stderr=subprocess.DEVNULL, **program.options()), program))
        eventually(postgres.is_ready, within=20)

    yield start
    for process, program in running:
        process.send_signal(program.stop_signal)
        process.wait(10)


@pytest.fixture
def commands(tmp_path):
    """A PATH on which ``python`` shows its command line, and does nothing with a script that is piped into it."""
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\n[ "$1" = - ] || echo python "$@"\n')
    python.chmod(0o755)
    return f"{tmp_path}:{os.defpath}"
