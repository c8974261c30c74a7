"""A backup: one snapshot of everything, as PostgreSQL's custom format."""

import re
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from psycopg.errors import InsufficientPrivilege, ReadOnlySqlTransaction, UndefinedTable

from soroka.backup.place import Database
from soroka.backup.programs import BackupError, programs_for
from soroka.embedded.account import login_name

#: What pg_dump says with --verbose when it comes to the rows of a table.
_TABLE = re.compile(r'dumping contents of table "([^"]+)"')
_TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"

# As the trail has an export of clients. Its own code needs all of the service, and a backup works without.
_ENTRY = """
INSERT INTO soroka_change (actor, actor_kind, channel, request_id, action, kind, name, before, after)
VALUES (%s, 'command', 'command', '', 'exported', 'client', '', '{}', jsonb_build_object('backup', %s::text))
"""


def tables_of(database: Database) -> int:
    """How many tables there are to be saved."""
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.execute(_TABLES)
        return int((cursor.fetchone() or [0])[0])


def dump(database: Database, file: Path | None, told: Callable[[str], None]) -> None:
    """Save the database into ``file``, which only its owner can read, or to stdout. told: gets each table's name.

    The file is there only once it is whole. The trail has an entry before anything is read. Raises BackupError.
    """
    _note(database, file)
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


def _note(database: Database, file: Path | None) -> None:
    # A database that was never prepared has no trail; at a standby, or as a role that only reads, nothing can be told.
    with suppress(UndefinedTable, ReadOnlySqlTransaction, InsufficientPrivilege), database.connect() as connection:
        connection.execute(_ENTRY, [login_name(), str(file or "stdout")])


def _run(command: list[str], database: Database, told: Callable[[str], None]) -> None:
    last = ""
    with subprocess.Popen(command, env=dict(database.env), stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr or ():
            if found := _TABLE.search(line):
                told(found[1].removeprefix("public."))
            last = line.strip() or last
    if process.returncode != 0:
        raise BackupError(f"pg_dump failed: {last}")
