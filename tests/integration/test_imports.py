"""An import that is killed anywhere goes on, and counts nothing twice."""

import csv
import io
import os
import signal
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction

from soroka.imports import errors, stage, upsert
from soroka.imports.errors import errors_csv
from soroka.imports.run import MOST_TRIES, run
from soroka.imports.upload import Options, keep
from soroka.models import Client, ClientImport, ImportChunk, ImportRow
from tests.integration.conftest import other_connection, wait_until_blocked

#: Kills itself when it calls a function for the nth time: inside of a transaction that it then loses.
_KILLED = """
import os, signal, django
django.setup()
from soroka.imports import run, stage, upsert
stage.SLICE = upsert.SLICE = 10
module, name, left = {{"stage": stage, "upsert": upsert, "run": run}}["{module}"], "{name}", [{nth}]
real = getattr(module, name)
def killed(*args, **kwargs):
    left[0] -= 1
    done = real(*args, **kwargs)
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    return done
setattr(module, name, killed)
run.run({import_id})
"""
_FILE = b"phone,name\n" + b"".join(
    b"%d,%d\n" % (12 if number % 10 == 3 else 79160000000 + number // 2, number) for number in range(60)
)


@pytest.fixture(autouse=True)
def small_slices(monkeypatch, transactional_db):
    monkeypatch.setattr(stage, "SLICE", 10)
    monkeypatch.setattr(upsert, "SLICE", 10)


def run_and_be_killed(import_id: int, module: str, name: str, nth: int) -> None:
    ours = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    environment = os.environ | {
        "DATABASE_URL": ours.geturl(),
        "DJANGO_SETTINGS_MODULE": "soroka.config.settings",
    }
    program = _KILLED.format(module=module, name=name, nth=nth, import_id=import_id)
    ended = subprocess.run([sys.executable, "-c", program], env=environment, timeout=60, check=False)
    assert ended.returncode == -signal.SIGKILL


def outcome(client_import: ClientImport) -> tuple[object, ...]:
    """All that is left of an import: its counts, its refused rows, and the clients."""
    client_import.refresh_from_db()
    counts = [getattr(client_import, name) for name in ("state", "rows", "added", "changed", "unchanged", "refused")]
    told = b"".join(errors_csv(client_import, str)).decode("utf-8-sig")
    refused = list(csv.reader(io.StringIO(told, newline="")))
    return counts, refused, list(Client.objects.order_by("phone").values_list("phone", "attributes"))


@pytest.mark.parametrize(
    ("module", "name", "nth"),
    [
        ("stage", "advance", 4),
        ("stage", "_stage", 2),
        ("stage", "_finish", 1),
        ("upsert", "_write", 4),
        ("run", "_end", 1),
    ],
)
def test_one_that_was_killed_ends_as_one_that_was_not(module, name, nth):
    whole = keep([_FILE], "clients.csv", Options())
    run(whole.pk)
    expected = outcome(whole)
    assert expected[0] == ["finished", 60, 30, 0, 0, 30]
    Client.objects.all().delete()
    killed = keep([_FILE], "clients.csv", Options())
    run_and_be_killed(killed.pk, module, name, nth)
    killed.refresh_from_db()
    assert killed.state == "running"
    run(killed.pk)
    assert outcome(killed) == expected
    assert not ImportChunk.objects.exists()
    assert not ImportRow.objects.filter(error="").exists()


def test_one_that_is_killed_again_and_again_is_given_up():
    client_import = keep([b"phone\n79161234567\n"], "a.csv", Options())
    ClientImport.objects.update(tries=MOST_TRIES)
    run(client_import.pk)
    client_import.refresh_from_db()
    assert (client_import.state, client_import.detail) == ("failed", "It was interrupted 5 times at the same place.")
    assert not Client.objects.exists()
    assert not ImportChunk.objects.exists()


def test_it_is_left_between_slices_and_goes_on_later():
    client_import = keep([_FILE], "clients.csv", Options())
    looks = iter(range(1000))
    rows = []
    for most in (2, 6, 8):
        run(client_import.pk, lambda most=most: next(looks) > most)
        client_import.refresh_from_db()
        assert client_import.state == "running"
        rows.append((client_import.rows, client_import.taken_to))
    assert rows[0] == (30, 0)
    assert rows[1:] == sorted(rows[1:])
    run(client_import.pk)
    assert outcome(client_import)[0] == ["finished", 60, 30, 0, 0, 30]


@pytest.mark.parametrize("at", [0, 2, 7, 9])
def test_of_two_who_are_at_it_one_gives_up(at):
    client_import = keep([_FILE], "clients.csv", Options())
    looks = iter(range(1000))

    def let_the_other_do_it() -> bool:
        if next(looks) == at:
            run(client_import.pk)
        return False

    run(client_import.pk, let_the_other_do_it)
    assert outcome(client_import)[0] == ["finished", 60, 30, 0, 0, 30]


def test_a_client_whom_somebody_makes_meanwhile_is_changed(make_clients):
    [client] = make_clients(1, zone="Asia/Omsk")
    client_import = keep([b"phone,timezone,name\n%d,,new\n" % client.phone], "a.csv", Options())
    Client.objects.all().delete()
    with other_connection() as other:
        with transaction.atomic():
            client.save(force_insert=True)
            running = other(run, client_import.pk)
            wait_until_blocked()
        running.result(10)
    assert outcome(client_import)[0] == ["finished", 1, 0, 1, 0, 0]
    client = Client.objects.get()
    assert (client.attributes, client.zone.name) == ({"name": "new"}, "Asia/Omsk")


def test_long_lines_make_short_slices(monkeypatch):
    monkeypatch.setattr(stage, "SLICE_TEXT", 100)
    rows = b"".join(b"%d,%s\n" % (79160000000 + number, b"x" * 60) for number in range(7))
    client_import = keep([b"phone,name\n", rows], "a.csv", Options())
    looks = iter(range(1000))
    run(client_import.pk, lambda: next(looks) == 1)
    client_import.refresh_from_db()
    assert (client_import.state, client_import.rows) == ("running", 2)
    run(client_import.pk)
    assert outcome(client_import)[0] == ["finished", 7, 7, 0, 0, 0]


def test_long_lines_make_short_pages_of_the_list_of_refused_rows(monkeypatch):
    rows = b"".join(b"12,%d%s\n" % (number, b"x" * 60) for number in range(7))
    client_import = keep([b"phone,name\n", rows], "a.csv", Options())
    run(client_import.pk)
    ImportRow.objects.filter(line=3).update(original=None)
    _, at_once = pieces = list(errors_csv(client_import, str))
    monkeypatch.setattr(errors, "_PAGE_BYTES", 100)
    short = list(errors_csv(client_import, str))
    assert b"".join(short) == b"".join(pieces)
    assert len(at_once.splitlines()) == 7
    assert [len(piece.splitlines()) for piece in short[1:]] == [3, 2, 2]
