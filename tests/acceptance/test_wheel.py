"""The wheel, installed by pip, in a folder that holds nothing of the checkout."""

import re
import shutil
import subprocess
import sys
import sysconfig
import urllib.request
import zipfile

import pytest

from soroka.embedded.ports import HOST
from tests.acceptance.conftest import import_clients
from tests.acceptance.installation import ROOT, Installation
from tests.acceptance.test_faults import finished, send


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built from a copy: a build leaves its traces where it runs."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT / "soroka", source / "soroka", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "requirements.in", "LICENSE", "README.md"):
        shutil.copy(ROOT / name, source)
    pip("wheel", "--no-deps", f"--wheel-dir={out}", str(source))
    (made,) = out.glob("soroka-*.whl")
    return made


@pytest.fixture
def installed(wheel, tmp_path):
    """The folder of its programs, in a virtual environment that finds what it depends on in ours."""
    home = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True, timeout=60)
    pip("--python", str(home / "bin" / "python"), "install", "--no-deps", str(wheel))
    (site,) = home.glob("lib/python3*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return home / "bin"


def pip(*words):
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def page(installation, path):
    url = f"http://{HOST}:{installation.port}{path}"
    asked = urllib.request.Request(url, headers={"Accept-Language": "ru"})
    with urllib.request.urlopen(asked, timeout=20) as answer:
        return answer.read().decode()


def test_it_holds_every_file_of_the_package(wheel):
    """All but what translations are made from."""
    there = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("soroka/")}
    files = {str(path.relative_to(ROOT)) for path in (ROOT / "soroka").rglob("*") if path.is_file()}
    kept = {name for name in files if "__pycache__" not in name and not name.endswith(".po")}
    assert there == kept


def test_it_starts_in_an_empty_folder_and_sends(installed, tmp_path):
    installation = Installation()
    installation.cwd = tmp_path / "empty"
    installation.cwd.mkdir()
    installation.soroka = [str(installed / "soroka")]
    try:
        installation.start_ready()
        login = page(installation, "/admin/login/")
        assert "Войти" in login
        for static in set(re.findall(r'"(/static/soroka/[^"]+)"', login)):
            assert page(installation, static)
        with installation.api() as api:
            import_clients(api)
            assert finished(api, send(api, ["vip"]))["delivered"] > 0
    finally:
        installation.remove()
    assert not list(installation.cwd.iterdir())
