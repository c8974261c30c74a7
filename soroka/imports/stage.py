"""Take an uploaded file in: every row checked and copied into a table, a chunk in memory at a time."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO, Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from psycopg.types.json import Jsonb

from soroka.imports.check import Entry, Refusal, check_row
from soroka.imports.names import known_tags, made_tags, zone_ids
from soroka.imports.read import read_rows
from soroka.models import ClientImport

CHUNK = 5_000
LONGEST_ERROR = 200

_COPY = """
COPY soroka_importrow (client_import_id, line, phone, operator_code, zone_id, tag_ids, attributes, error) FROM STDIN
"""


@transaction.atomic
def stage(file: IO[bytes], *, filename: str, create_missing_tags: bool, user: User | None) -> ClientImport:
    """Stage a CSV file for ``soroka.imports.upsert.run``; returns the import, queued.

    A refused row is kept with its line and the reason and stops nothing. Tags are made here, if they may be.
    Raises UnreadableFile where the header is of no use; nothing is written then.
    """
    rows = read_rows(file)
    client_import = ClientImport.objects.create(filename=filename[:200], created_by=user)
    find_tags = made_tags if create_missing_tags else known_tags
    for chunk in _chunks(check_row(row) for row in rows):
        entries = [row for row in chunk if isinstance(row, Entry)]
        tags = find_tags({name for entry in entries for name in entry.tags})
        zones = zone_ids({entry.timezone for entry in entries if entry.timezone})
        _copy(client_import, [_staged(row, tags, zones) for row in chunk])
    client_import.save()
    return client_import


def _chunks(rows: Iterable[Entry | Refusal]) -> Iterator[list[Entry | Refusal]]:
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _staged(row: Entry | Refusal, tags: dict[str, int], zones: dict[str, int]) -> tuple[Any, ...]:
    """The values of a row in the order of ``_COPY``, after the import's id."""
    why = row.why if isinstance(row, Refusal) else _unknown(row, tags)
    if why or isinstance(row, Refusal):
        return row.line, None, None, None, None, None, why[:LONGEST_ERROR]
    zone_id = zones[row.timezone] if row.timezone else None
    tag_ids = sorted({tags[name] for name in row.tags})
    return row.line, row.phone, row.operator_code, zone_id, tag_ids, Jsonb(row.attributes), ""


def _unknown(entry: Entry, tags: dict[str, int]) -> str:
    """The tag that the row names and nobody knows; empty where all are known."""
    missing = next((name for name in entry.tags if name not in tags), None)
    return f"There is no tag {missing!r}." if missing else ""


def _copy(client_import: ClientImport, rows: list[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            copy.write_row((client_import.pk, *row))
    client_import.rows += len(rows)
    client_import.refused += sum(1 for row in rows if row[-1])
