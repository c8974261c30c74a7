"""The command `soroka` as the image has it: without a virtual environment, and with the database named in parts."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from soroka.embedded.ports import HOST, free_port
from tests.unit.compose.conftest import ROOT

PARTS = {"SQL_HOST": HOST, "SQL_USER": "soroka", "SQL_PASSWORD": "secret", "SQL_DATABASE": "mailings"}


@pytest.fixture
def app(tmp_path):
    """What the Dockerfile copies."""
    shutil.copytree(ROOT / "bin", tmp_path / "bin")
    (tmp_path / "soroka").symlink_to(ROOT / "soroka")
    return tmp_path


def test_it_asks_the_database_of_the_container(app):
    path = f"{app / 'bin'}:{Path(sys.executable).parent}:{os.defpath}"
    env = {"PATH": path, "SQL_PORT": str(free_port()), "REDIS_URL": "redis://redis:6379/0", "SECRET_KEY": "any"} | PARTS
    done = subprocess.run(
        ["soroka", "mailing", "list"], env=env, cwd="/", capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 5
    assert "PostgreSQL does not answer" in done.stderr
    assert "installation" not in done.stderr


def test_the_image_has_it_in_its_path():
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "COPY bin bin" in dockerfile
    assert "ENV PATH=/app/bin:$PATH" in dockerfile
    assert "!bin" in (ROOT / ".dockerignore").read_text().splitlines()
