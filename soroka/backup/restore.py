"""Bring a backup back: all of it and the hold, or nothing."""

import re
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import IO, LiteralString

import psycopg

import soroka
from soroka.backup.archive import HOLDING, Archive
from soroka.backup.place import Database
from soroka.backup.programs import BackupError

_TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
_OTHERS = """
SELECT count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
_EMPTY = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n"
# The moment in millionths is beyond every id that was ever given, however often the same file is brought back: no
# service gives a million a second. Below 2**53, where programs in JavaScript still count.
_AFTER = """
DO $$ BEGIN
  IF EXISTS (SELECT FROM public.django_migrations WHERE app = 'soroka' AND name > '{newest}') THEN
    RAISE EXCEPTION 'it was made by a newer release than this one';
  END IF;
END $$;
SELECT pg_catalog.setval('public.soroka_message_ids',
  greatest(last_value, floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint))
  FROM public.soroka_message_ids;
INSERT INTO public.{holding} (backed_up_at) VALUES ('{made_at}');
"""
#: Which pg_restore 17 begins with, and servers before 17 do not know.
_NEW_SETTING = b"SET transaction_timeout = 0;\n"
#: The settings are among the first lines; everything else is passed on in blocks.
_HEAD_LINES, _AT_ONCE = 60, 1 << 20
_TABLE = re.compile(r'processing data for table "([^"]+)"')


def check(database: Database, archive: Archive, *, replace: bool) -> None:
    """Raises BackupError where the place is not free, or too old."""
    if archive.server > database.major:
        raise BackupError(
            f"The backup is of PostgreSQL {archive.server}, and the server is {database.major}: give it a server of "
            f"{archive.server} or newer."
        )
    with database.connect() as connection:
        tables, others = (_count(connection, query) for query in (_TABLES, _OTHERS))
    if tables and not replace:
        raise BackupError("There is an installation in this database already; --replace removes it first.")
    if others:
        raise BackupError(
            f"{others} connections are open to this database. Stop web, workers and beat first: what they would do "
            "meanwhile would be lost, or sent again."
        )


def restore(database: Database, archive: Archive, told: Callable[[str], None], *, replace: bool) -> None:
    """Bring it back in one transaction, held, and with message ids beyond all that were ever given.

    replace: what is there is removed in the same transaction.  told: gets each table's name.  Raises BackupError.
    """
    reading = [str(archive.programs / "pg_restore"), "--no-owner", "--no-acl", "--verbose", "--file=-"]
    # No file of the user's own settings, and nothing of what is asked for is shown.
    writing = [str(archive.programs / "psql"), "-X", "-q", "-o", "/dev/null", "-v", "ON_ERROR_STOP=1",
               "--single-transaction", f"--dbname={database.address}", "--file=-"]  # fmt: skip
    pipe = subprocess.PIPE
    env = dict(database.env)
    with (
        subprocess.Popen([*reading, str(archive.file)], env=env, stdout=pipe, stderr=pipe) as reader,
        subprocess.Popen(writing, env=env, stdin=pipe, stderr=pipe) as writer,
        ThreadPoolExecutor(2) as listeners,
    ):
        of_reader = listeners.submit(_listen, reader.stderr, told)
        of_writer = listeners.submit(_listen, writer.stderr, told)
        _pass_on(reader, writer, _EMPTY if replace else "", _after(archive))
    if reader.returncode != 0 or writer.returncode != 0:
        raise BackupError(f"Nothing was changed. {of_writer.result() or of_reader.result()}")
    with database.connect() as connection:
        connection.execute("ANALYZE")


def _pass_on(reader: "subprocess.Popen[bytes]", writer: "subprocess.Popen[bytes]", before: str, after: str) -> None:
    """Hand on what the file says. Where that breaks off the writer is ended, and with it the transaction."""
    source, sink = reader.stdout, writer.stdin
    assert source is not None and sink is not None  # noqa: S101 (both are pipes)
    try:
        sink.write(before.encode())
        for line in islice(source, _HEAD_LINES):
            sink.write(b"" if line == _NEW_SETTING else line)
        shutil.copyfileobj(source, sink, _AT_ONCE)
        if reader.wait() != 0:
            writer.kill()
        sink.write(after.encode())
        sink.close()
    except BrokenPipeError:
        reader.kill()


def _after(archive: Archive) -> str:
    newest = max(path.stem for path in Path(soroka.__file__).with_name("migrations").glob("0*.py"))
    return _AFTER.format(newest=newest, holding=HOLDING, made_at=archive.made_at.isoformat())


def _listen(lines: IO[bytes] | None, told: Callable[[str], None]) -> str:
    """Tell the tables, and return the first error, or what was said last."""
    last = error = ""
    for line in lines or ():
        last = line.decode(errors="replace").strip() or last
        if found := _TABLE.search(last):
            told(found[1].removeprefix("public."))
        elif not error and "error:" in last.lower():
            error = last
    return error or last


def _count(connection: psycopg.Connection, query: LiteralString) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int((cursor.fetchone() or [0])[0])
