"""Backups of the database of the tests, brought back into one beside it."""

import getpass
import subprocess
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.utils import translation

from soroka.admin.differences import differences, names_in
from soroka.backup.archive import read_archive
from soroka.backup.dump import dump, tables_of
from soroka.backup.place import Database
from soroka.backup.programs import BackupError, newest_programs, programs_for
from soroka.backup.restore import check, restore
from soroka.models import Change, Client


def database(name):
    """A database of the tests' server by its name, as ``open_database`` gives it."""
    given = settings.DATABASES["default"]
    address = {"host": given["HOST"] or given["OPTIONS"].get("host"), "user": given["USER"], "dbname": name}
    text = " ".join(f"{word}={value}" for word, value in address.items() if value)
    with psycopg.connect(text, password=given["PASSWORD"] or None) as made:
        major = made.info.server_version // 10_000
    return Database(text, {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PGPASSWORD": given["PASSWORD"] or ""}, major)


@pytest.fixture
def here(transactional_db):
    return database(connection.settings_dict["NAME"])


@pytest.fixture
def empty(here):
    name = f"restored_{uuid.uuid4().hex[:8]}"
    with here.connect() as server:
        server.execute(f"CREATE DATABASE {name}")
        yield database(name)
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def saved(here, make_clients, make_mailing, tmp_path):
    """A backup of three clients and a mailing to them."""
    make_clients(3)
    make_mailing()
    file = tmp_path / "soroka.dump"
    dump(here, file, lambda _table: None)
    return file


def rows(of, query):
    with of.connect() as asked:
        return asked.execute(query).fetchall()


def test_all_of_it_is_brought_back_and_held(saved, here, empty):
    archive, told = read_archive(saved), []
    check(empty, archive, replace=False)
    restore(empty, archive, told.append, replace=False)
    for table in ("soroka_client", "soroka_message", "soroka_batch", "soroka_mailing", "django_migrations"):
        query = f"SELECT * FROM {table} ORDER BY id"
        assert rows(empty, query) == rows(here, query)
    assert len(told) == archive.tables == tables_of(here)
    [(made_at, released_at)] = rows(empty, "SELECT backed_up_at, released_at FROM soroka_restoration")
    assert (made_at, released_at) == (archive.made_at, None)
    assert timedelta(0) <= datetime.now(UTC) - made_at < timedelta(minutes=1)


def test_the_trail_says_who_has_everything_and_where_and_so_does_the_copy(saved, here, empty):
    restore(empty, read_archive(saved), lambda _table: None, replace=False)
    entry = Change.objects.get(action="exported")
    assert (entry.actor_kind, entry.actor, entry.channel, entry.kind) == (
        "command", getpass.getuser(), "command", "client",
    )  # fmt: skip
    assert (entry.object_id, entry.before, entry.after) == (None, {}, {"backup": str(saved)})
    with translation.override("en"):
        assert differences(entry, names_in([entry])) == [f"backup: {saved}"]
    assert rows(empty, "SELECT id FROM soroka_change WHERE action = 'exported'") == [(entry.pk,)]


def test_a_standby_and_what_was_never_prepared_are_saved_all_the_same(here, empty, tmp_path):
    standby = replace(here, address=f"{here.address} options='-c default_transaction_read_only=on'")
    for place in (standby, empty):
        dump(place, tmp_path / "soroka.dump", lambda _table: None)
        assert (tmp_path / "soroka.dump").stat().st_size
    assert not Change.objects.filter(action="exported").exists()


def test_new_messages_have_ids_that_were_never_given_however_often_it_is_brought_back(saved, empty):
    archive, given = read_archive(saved), 0
    for _ in range(2):
        restore(empty, archive, lambda _table: None, replace=True)
        [(first,)] = rows(empty, "SELECT nextval('soroka_message_ids')")
        assert given < first < 2**53
        [(given,)] = rows(
            empty, "SELECT nextval('soroka_message_ids') FROM generate_series(1, 5) ORDER BY 1 DESC LIMIT 1"
        )
    assert first > rows(empty, "SELECT max(id) FROM soroka_message")[0][0]


def test_what_is_there_is_kept_unless_it_is_to_be_replaced_and_also_where_that_fails(saved, empty):
    archive = read_archive(saved)
    with empty.connect() as asked:
        asked.execute("CREATE TABLE mine (id int)")
    with pytest.raises(BackupError, match="--replace"):
        check(empty, archive, replace=False)
    check(empty, archive, replace=True)
    whole = saved.read_bytes()
    saved.write_bytes(whole[:-400])
    with pytest.raises(BackupError, match="Nothing was changed"):
        restore(empty, archive, lambda _table: None, replace=True)
    assert rows(empty, "SELECT count(*) FROM mine") == [(0,)]
    saved.write_bytes(whole)
    restore(empty, archive, lambda _table: None, replace=True)
    assert rows(empty, "SELECT to_regclass('mine')") == [(None,)]
    assert rows(empty, "SELECT count(*) FROM soroka_client") == [(Client.objects.count(),)]


def test_nobody_may_be_connected(saved, empty):
    with empty.connect(), pytest.raises(BackupError, match="1 connections are open"):
        check(empty, read_archive(saved), replace=False)


def test_what_a_newer_release_saved_is_refused(saved, here, empty, tmp_path):
    with here.connect() as asked:
        asked.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('soroka', '9999_later', now())")
    try:
        newer = tmp_path / "newer.dump"
        dump(here, newer, lambda _table: None)
    finally:
        with here.connect() as asked:
            asked.execute("DELETE FROM django_migrations WHERE name = '9999_later'")
    with pytest.raises(BackupError, match="newer release"):
        restore(empty, read_archive(newer), lambda _table: None, replace=False)
    assert tables_of(empty) == 0


def test_what_no_release_with_backups_saved_is_refused(here, tmp_path):
    file = tmp_path / "old.dump"
    program = programs_for(here.major) / "pg_dump"
    command = [program, "-Fc", "--exclude-table=soroka_restoration", f"--file={file}", f"--dbname={here.address}"]
    subprocess.run(command, check=True, timeout=60)
    with pytest.raises(BackupError, match="that release"):
        read_archive(file)


def test_what_is_no_backup_is_refused(tmp_path):
    file = tmp_path / "letter.txt"
    file.write_text("Dear Sir or Madam")
    with pytest.raises(BackupError, match="no backup that can be read"):
        read_archive(file)


def test_a_file_that_cannot_be_written_leaves_nothing_behind(here, tmp_path):
    folder = tmp_path / "gone"
    with pytest.raises(BackupError, match="cannot be written"):
        dump(here, folder / "soroka.dump", lambda _table: None)
    assert not list(tmp_path.iterdir())


def test_it_says_which_programs_are_missing():
    with pytest.raises(BackupError, match="postgresql-client-99"):
        programs_for(99)
    with pytest.raises(BackupError, match="SOROKA_PG_BIN"):
        newest_programs(99)
