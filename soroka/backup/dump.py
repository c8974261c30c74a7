"""A backup: one snapshot of everything, as PostgreSQL's custom format."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from soroka.backup.place import Database
from soroka.backup.programs import BackupError, programs_for

#: What pg_dump says with --verbose when it comes to the rows of a table.
_TABLE = re.compile(r'dumping contents of table "([^"]+)"')
_TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"


def tables_of(database: Database) -> int:
    """How many tables there are to be saved."""
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute(_TABLES)
        return int((cursor.fetchone() or [0])[0])


def dump(database: Database, file: Path | None, told: Callable[[str], None]) -> None:
    """Save the database into ``file``, which only its owner can read, or to stdout. told: gets each table's name.

    The file is there only once it is whole. Raises BackupError.
    """
    program = str(programs_for(database.major) / "pg_dump")
    command = [program, "--format=custom", "--no-owner", "--no-acl", "--verbose", f"--dbname={database.address}"]
    if file is None:
        _run(command, database, told)
        return
    making = file.with_name(f".{file.name}.part")
    try:
        making.touch(mode=0o600)
        making.chmod(0o600)
        _run([*command, f"--file={making}"], database, told)
        making.replace(file)
    except OSError as error:
        raise BackupError(f"{file} cannot be written: {error.strerror}.") from error
    finally:
        making.unlink(missing_ok=True)


def _run(command: list[str], database: Database, told: Callable[[str], None]) -> None:
    last = ""
    with subprocess.Popen(command, env=dict(database.env), stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr or ():
            if found := _TABLE.search(line):
                told(found[1].removeprefix("public."))
            last = line.strip() or last
    if process.returncode != 0:
        raise BackupError(f"pg_dump failed: {last}")
