"""Turn the staged rows of an import into clients, all of them in one statement."""

from typing import Any

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from soroka.domain.phone import operator_code
from soroka.imports.names import zone_row
from soroka.models import ClientImport, ImportState

CHUNK = 50_000

_REFUSE_DUPLICATES = """
WITH row AS (
    SELECT id, line, max(line) OVER (PARTITION BY phone) AS last FROM soroka_importrow
     WHERE client_import_id = %(id)s AND error = ''
)
UPDATE soroka_importrow r SET error = 'The same phone comes again in line ' || row.last || ', which counts.'
  FROM row WHERE r.id = row.id AND row.line < row.last
"""

# Clients that are known keep the code they have: a number that was ported does not lose its own.
_NEWCOMERS_WITHOUT_CODE = """
SELECT r.id, r.phone FROM soroka_importrow r
 WHERE r.client_import_id = %(id)s AND r.error = '' AND r.operator_code IS NULL
   AND NOT exists(SELECT FROM soroka_client c WHERE c.phone = r.phone)
 LIMIT %(chunk)s
"""

_GIVE_CODES = """
UPDATE soroka_importrow r SET operator_code = given.code
  FROM unnest(%s::bigint[], %s::smallint[]) AS given(id, code) WHERE r.id = given.id
"""

# In the order of phones: two imports of the same clients do not wait for each other in a circle.
_UPSERT = """
WITH taken AS (
    INSERT INTO soroka_client AS c (phone, operator_code, zone_id, tag_ids, attributes, opted_out, updated_at)
    SELECT r.phone, coalesce(r.operator_code, known.operator_code), coalesce(r.zone_id, known.zone_id, %(zone)s),
           r.tag_ids, r.attributes, false, now()
      FROM soroka_importrow r LEFT JOIN soroka_client known ON known.phone = r.phone
     WHERE r.client_import_id = %(id)s AND r.error = ''
     ORDER BY r.phone
        ON CONFLICT (phone) DO UPDATE
       SET operator_code = excluded.operator_code, zone_id = excluded.zone_id, updated_at = excluded.updated_at,
           tag_ids = c.tag_ids || array(SELECT id FROM unnest(excluded.tag_ids) AS id WHERE id <> ALL (c.tag_ids)),
           attributes = c.attributes || excluded.attributes
     WHERE c.operator_code <> excluded.operator_code OR c.zone_id <> excluded.zone_id
        OR NOT c.tag_ids @> excluded.tag_ids OR NOT c.attributes @> excluded.attributes
    RETURNING c.xmax = 0 AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM taken
"""

_COUNT_REFUSED = "SELECT count(*) FROM soroka_importrow WHERE client_import_id = %(id)s AND error <> ''"
_DROP_TAKEN = "DELETE FROM soroka_importrow WHERE client_import_id = %(id)s AND error = ''"


def run(import_id: int) -> None:
    """Take an import's rows over, once: a finished one is left alone, one that was killed begins anew.

    Tags are added to a client's, attributes merged; the last line of a phone counts and the ones before are refused.
    What the database refuses makes the import ``failed`` and nothing of it is kept; a lost connection is raised.
    """
    ClientImport.objects.filter(pk=import_id, state=ImportState.QUEUED).update(state=ImportState.RUNNING)
    try:
        _take_over(import_id)
    except OperationalError:
        raise  # nothing is wrong with the rows: the next run takes them
    except DatabaseError as error:
        _fail(import_id, str(error))


@transaction.atomic
def _take_over(import_id: int) -> None:
    running = ClientImport.objects.select_for_update(skip_locked=True).filter(pk=import_id, state=ImportState.RUNNING)
    if (client_import := running.first()) is None:
        return
    values = {"id": import_id, "zone": zone_row(settings.TIME_ZONE).pk, "chunk": CHUNK}
    with connection.cursor() as cursor:
        # Just filled: without figures the joins below are planned for a few rows.
        cursor.execute("ANALYZE soroka_importrow")
        cursor.execute(_REFUSE_DUPLICATES, values)
        _give_codes(cursor, values)
        cursor.execute(_UPSERT, values)
        added, changed = cursor.fetchone()
        cursor.execute(_COUNT_REFUSED, values)
        [refused] = cursor.fetchone()
        cursor.execute(_DROP_TAKEN, values)
    _finish(client_import, added, changed, refused)


def _finish(client_import: ClientImport, added: int, changed: int, refused: int) -> None:
    client_import.added, client_import.changed, client_import.refused = added, changed, refused
    client_import.unchanged = client_import.rows - added - changed - refused
    client_import.state = ImportState.FINISHED
    client_import.finished_at = timezone.now()
    client_import.save()


def _fail(import_id: int, detail: str) -> None:
    failed = ClientImport.objects.filter(pk=import_id, state=ImportState.RUNNING)
    failed.update(state=ImportState.FAILED, detail=detail[:500], finished_at=timezone.now())


def _give_codes(cursor: CursorWrapper, values: dict[str, Any]) -> None:
    """Derive the operator code of newcomers whose row gave none."""
    while True:
        cursor.execute(_NEWCOMERS_WITHOUT_CODE, values)
        if not (found := cursor.fetchall()):
            return
        cursor.execute(_GIVE_CODES, [[row for row, _ in found], [operator_code(phone) for _, phone in found]])
