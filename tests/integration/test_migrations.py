"""Migrations that leave the release before able to work: it goes on while this one is started (ADR 41)."""

import io
import json
import subprocess
import sysconfig
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

import soroka
from soroka.models import Gateway
from tests.acceptance.previous_release import FIRST_MIGRATION

MIGRATIONS = Path(soroka.__file__).with_name("migrations")
#: squawk's rules that ask for what ``prepare`` gives the role (``lock_timeout``), or for another type than Django's.
WAIVED = (
    "require-lock-timeout", "require-statement-timeout", "prefer-robust-stmts", "prefer-text-field",
    "prefer-bigint-over-int", "prefer-bigint-over-smallint", "prefer-identity",
)  # fmt: skip
#: What squawk says of those that are published, and will not be changed any more.
PUBLISHED = {
    # A message has no phone once this release has erased its client, which that before cannot.
    "0009_erasure": {"ban-drop-not-null"},
    # Mailings are few: an index and a key of theirs are made at once. So are rows of imports that wait, and 0011 ends
    # those; the key and the field without a default are of a table that it has just made.
    "0010_retention": {"require-concurrent-index-creation"},
    "0011_imports": {
        "require-concurrent-index-creation", "adding-foreign-key-constraint", "adding-required-field",
    },
    "0021_resend": {"disallowed-unique-constraint", "adding-foreign-key-constraint"},
    # Of the trail, block by block; clients cannot be written while 0026 counts them (docs/operations/running.md).
    "0026_tag_counts": {"require-concurrent-index-creation"},
}  # fmt: skip


def faults(sql, folder):
    """The names of the rules that it breaks, and where."""
    file = folder / "migration.sql"
    file.write_text(sql)
    squawk = Path(sysconfig.get_path("scripts"), "squawk")
    command = [str(squawk), "--pg-version=15", "--reporter=json", f"--exclude={','.join(WAIVED)}", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode in {0, 1}, done.stderr
    return [(one["rule_name"], one["line"]) for one in json.loads(done.stdout)]


@pytest.mark.parametrize(
    "name", [path.stem for path in sorted(MIGRATIONS.glob("0*.py")) if path.stem >= FIRST_MIGRATION]
)
def test_a_migration_takes_nothing_from_the_release_before(name, transactional_db, tmp_path):
    sql = io.StringIO()
    call_command("sqlmigrate", "soroka", name, stdout=sql, no_color=True)
    assert {rule for rule, _line in faults(sql.getvalue(), tmp_path)} == PUBLISHED.get(name, set())


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("ALTER TABLE t ADD COLUMN c int DEFAULT 1 NOT NULL; ALTER TABLE t ALTER COLUMN c DROP DEFAULT;",
         "ban-drop-default"),
        ("ALTER TABLE t ADD COLUMN c int NOT NULL;", "adding-required-field"),
        ("ALTER TABLE t DROP COLUMN c;", "ban-drop-column"),
        ("ALTER TABLE t RENAME COLUMN c TO d;", "renaming-column"),
        ("CREATE INDEX i ON t (c);", "require-concurrent-index-creation"),
    ],
)  # fmt: skip
def test_what_would_stop_the_release_before_is_seen(sql, rule, tmp_path):
    assert rule in {name for name, _line in faults(sql, tmp_path)}


def test_a_release_that_knows_a_gateway_only_by_its_name_can_make_one(db):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO soroka_gateway (name) VALUES ('old')")
    made = Gateway.objects.get(name="old")
    made.full_clean()
    assert (made.connections, made.burst, made.max_tries, made.idempotent) == (200, 10, 5, True)
