"""What the head of a backup says, before anything is touched."""

import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from soroka.backup.programs import BackupError, newest_programs

#: The table by which an installation is held. Older releases have none, and what they saved is restored by them.
HOLDING = "soroka_restoration"
_ZONE = {"LC_ALL": "C.UTF-8", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Archive:
    """A file of ``soroka backup``. made_at: when the snapshot was taken, to the second, UTC.

    server: its major version.  tables: how many have rows to be brought back.  programs: the folder of those that can
    read it.
    """

    file: Path
    made_at: datetime
    server: int
    tables: int
    programs: Path


def read_archive(file: Path) -> Archive:
    """Raises BackupError where it is no backup of this service, or of a release that knew none."""
    programs = newest_programs(0)
    done = subprocess.run(
        [str(programs / "pg_restore"), "--list", str(file)],
        env=_ZONE, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    if done.returncode != 0:
        raise BackupError(f"{file} is no backup that can be read: {done.stderr.strip()}")
    if f" {HOLDING} " not in done.stdout:
        raise BackupError(
            f"{file} holds no installation of this release or a later one. What an older release saved is brought "
            "back by that release, and upgraded then."
        )
    writer, server = (_number(done.stdout, f"Dumped {what} version: ") for what in ("by pg_dump", "from database"))
    made = re.search(r"Archive created at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)", done.stdout)
    if made is None:
        raise BackupError(f"{file} does not say when it was made.")
    return Archive(
        file=file,
        made_at=datetime.fromisoformat(made[1]).replace(tzinfo=UTC),
        server=server,
        tables=len(re.findall(r" TABLE DATA ", done.stdout)),
        programs=newest_programs(writer),
    )


def _number(text: str, before: str) -> int:
    found = re.search(re.escape(before) + r"(\d+)", text)
    return int(found[1]) if found else 0
