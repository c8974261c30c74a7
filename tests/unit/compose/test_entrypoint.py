"""What entrypoint.sh makes of its environment."""

import time

import environ
import pytest
from psycopg.conninfo import conninfo_to_dict

from soroka.embedded.ports import free_port

PARTS = {"SQL_HOST": "db", "SQL_USER": "soroka", "SQL_PASSWORD": "secret", "SQL_DATABASE": "mailings"}
SHOW_URL = ("printenv", "DATABASE_URL")


@pytest.mark.parametrize(
    "password", ["plain", "a@b:c/d", "50%", "a b+c", "?x=1#y", """'"`$HOME\\""", "пароль", "%41", "[::1]"]
)
def test_it_takes_any_password_and_both_readers_find_it_in_the_url(entrypoint, password):
    url = entrypoint.shows(*SHOW_URL, **PARTS | {"SQL_PASSWORD": password, "SQL_PORT": "5433"})
    parts = {"host": "db", "port": "5433", "user": "soroka", "password": password, "dbname": "mailings"}
    assert conninfo_to_dict(url) == parts
    settings = environ.Env.db_url_config(url)
    assert [settings[name] for name in ("HOST", "USER", "PASSWORD", "NAME")] == ["db", "soroka", password, "mailings"]


def test_it_takes_the_parts_with_the_usual_port(entrypoint):
    url = entrypoint.shows(*SHOW_URL, DATABASE="postgres", **PARTS)
    assert url == "postgresql://soroka:secret@db:5432/mailings"


def test_it_takes_a_password_out_of_a_file(entrypoint, tmp_path):
    file = tmp_path / "password"
    file.write_text("of a file\n")
    parts = {name: value for name, value in PARTS.items() if name != "SQL_PASSWORD"}
    url = entrypoint.shows(*SHOW_URL, SQL_PASSWORD_FILE=str(file), **parts)
    assert conninfo_to_dict(url)["password"] == "of a file"
    file.unlink()
    assert "SQL_PASSWORD_FILE names cannot be read" in entrypoint.refuses(
        *SHOW_URL, SQL_PASSWORD_FILE=str(file), **parts
    )


def test_it_takes_a_host_that_is_an_address_with_colons(entrypoint):
    url = entrypoint.shows(*SHOW_URL, **PARTS | {"SQL_HOST": "fd00::5"})
    assert environ.Env.db_url_config(url)["HOST"] == conninfo_to_dict(url)["host"] == "fd00::5"


def test_it_puts_a_url_before_the_parts(entrypoint):
    assert entrypoint.shows(*SHOW_URL, DATABASE_URL="postgresql://other", **PARTS) == "postgresql://other"


def test_it_puts_a_file_with_a_url_before_the_parts(entrypoint):
    assert "DATABASE_URL=" not in entrypoint.shows("env", DATABASE_URL_FILE="/run/secrets/url", **PARTS)


@pytest.mark.parametrize("absent", PARTS)
def test_it_names_a_part_that_is_absent(entrypoint, absent):
    others = {name: value for name, value in PARTS.items() if name != absent}
    assert f"{absent} is not set" in entrypoint.refuses(*SHOW_URL, DATABASE="postgres", **others)


def test_it_refuses_another_kind_of_database(entrypoint):
    assert "needs PostgreSQL" in entrypoint.refuses(*SHOW_URL, DATABASE="mysql", **PARTS)


@pytest.mark.parametrize("program", ["prepare", "web", "worker", "beat", "manage"])
def test_it_starts_nothing_without_a_database(entrypoint, program):
    assert "no database is named" in entrypoint.refuses(program)


def test_it_says_why_a_url_cannot_be_read(entrypoint):
    assert "DATABASE_URL cannot be read" in entrypoint.refuses("web", DATABASE_URL="mysql://soroka@db/soroka")


def test_it_gives_up_on_a_database_that_does_not_answer(entrypoint):
    began = time.monotonic()
    nobody = f"postgresql://soroka:secret@127.0.0.1:{free_port()}/soroka"
    complaint = entrypoint.refuses("web", DATABASE_URL=nobody, DATABASE_WAIT_SECONDS="1")
    assert "did not answer within 1 s" in complaint
    assert "secret" not in complaint
    assert time.monotonic() - began < 15


def test_it_waits_for_a_database_that_starts_later(entrypoint, postgres, serve):
    process = entrypoint.start(
        "manage", "version", DATABASE_URL=postgres.url, SECRET_KEY="any", REDIS_URL="redis://any"
    )
    assert "waiting for PostgreSQL" in process.stderr.readline()
    serve(postgres)
    version, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert version.startswith("5.")


def test_it_does_not_wait_where_the_password_is_wrong(entrypoint, postgres, serve):
    (postgres.data / "pg_hba.conf").write_text("local all all scram-sha-256\n")
    serve(postgres)
    began = time.monotonic()
    complaint = entrypoint.refuses("web", DATABASE_URL=postgres.url.replace("@", ":wrong@"))
    assert "password authentication failed" in complaint
    assert "that it was made with" in complaint
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("login", ["", "admin", "admin:", ":secret"])
def test_it_does_not_start_flower_without_a_whole_login(entrypoint, login):
    assert "FLOWER_BASIC_AUTH must be user:password" in entrypoint.refuses("flower", FLOWER_BASIC_AUTH=login)


@pytest.mark.parametrize(("pumps", "processes"), [({}, 5), ({"SOROKA_PUMPS": "6"}, 9)])
def test_it_gives_the_worker_three_processes_beside_its_pumps(entrypoint, commands, pumps, processes):
    command = entrypoint.shows("worker", PATH=commands, **pumps)
    assert command.startswith("python -m celery --app=soroka.config.celery worker")
    assert f"--concurrency={processes}" in command.split()


def test_it_gives_the_worker_as_many_processes_as_it_is_told(entrypoint, commands):
    command = entrypoint.shows("worker", PATH=commands, SOROKA_PUMPS="40", WORKER_PROCESSES="4")
    assert "--concurrency=4" in command.split()


def test_it_runs_anything_else_as_it_stands(entrypoint):
    assert entrypoint.shows("echo", "two  words", "*") == "two  words *"
