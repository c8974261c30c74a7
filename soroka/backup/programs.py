"""PostgreSQL's client programs: those of a version that fits."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from soroka.embedded.binaries import client_folders


class BackupError(Exception):
    """It cannot be done; the message says what to do."""


def programs_for(server: int) -> Path:
    """The folder of the oldest ``pg_dump`` that reads a server of this major version. Raises BackupError."""
    fitting = [(major, folder) for major, folder in _found() if major >= server]
    if not fitting:
        raise BackupError(_absent("pg_dump", server, "The server is"))
    return min(fitting)[1]


def newest_programs(writer: int) -> Path:
    """The folder of a ``pg_restore`` that reads files of ``pg_dump`` of this major version. Raises BackupError."""
    fitting = [(major, folder) for major, folder in _found() if major >= writer]
    if not fitting:
        raise BackupError(_absent("pg_restore", writer, "The file was made by"))
    return max(fitting)[1]


def _found() -> Iterator[tuple[int, Path]]:
    for folder in client_folders():
        if major := _major(folder):
            yield major, folder
    if on_path := shutil.which("pg_dump"):
        folder = Path(on_path).parent
        if major := _major(folder):
            yield major, folder


def _major(folder: Path) -> int | None:
    try:
        answer = subprocess.run(
            [str(folder / "pg_dump"), "--version"], capture_output=True, text=True, check=False, timeout=10
        )
    except OSError:
        return None
    found = re.search(r"PostgreSQL\) (\d+)", answer.stdout)
    return int(found[1]) if found else None


def _absent(program: str, version: int, whose: str) -> str:
    there = ", ".join(sorted({str(major) for major, _ in _found()})) or "none"
    return (
        f"{whose} PostgreSQL {version}, and there is no {program} of {version} or newer (found: {there}). Install "
        f"PostgreSQL's client programs, on Debian postgresql-client-{version}, or set SOROKA_PG_BIN to their folder."
    )
