"""Turn the staged rows of an import into clients, by slices: each is short, and committed with its place in the file.

A phone is the key and never changes by an import, nor does what was planned: tags, zones and attributes count for the
mailings that are planned later. That is why no slice takes the lock ``AUDIENCE``. Nobody of a suppressed phone is
planned meanwhile: he is opted out in the transaction that makes him.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import F, Max

from soroka.consent.suppression import heed_many
from soroka.imports.acts import Said, acts_due, record_acts, speaks_of_acts
from soroka.imports.names import zone_row
from soroka.imports.position import Leave, advance
from soroka.imports.stage import LONGEST_ERROR, READING
from soroka.models import ClientImport, ImportRow

#: Lines that are taken over together: a row of a client is locked no longer than that takes.
SLICE = 5_000

_SLICE = "r.client_import_id = %(id)s AND r.line > %(after)s AND r.line <= %(to)s AND r.error = ''"

# What becomes of a known client. A cell that is left out leaves what is there.
_CODE = "coalesce(r.operator_code, c.operator_code)"
_ZONE = "coalesce(r.zone_id, c.zone_id)"
_TAGS = """
CASE WHEN %(replace)s THEN coalesce(r.tag_ids, c.tag_ids)
     ELSE c.tag_ids || array(SELECT id FROM unnest(r.tag_ids) AS id WHERE id <> ALL (c.tag_ids)) END
"""
_DIFFERS = """
(c.operator_code <> r.operator_code OR c.zone_id <> r.zone_id OR NOT c.tag_ids @> r.tag_ids
 OR NOT c.attributes @> r.attributes OR (%(replace)s AND NOT c.tag_ids <@ r.tag_ids))
"""

# First those who are new, then those who are known by then: a client that somebody else makes in between is changed.
# In the order of phones, as others insert them.
_ADD = f"""
INSERT INTO soroka_client (phone, operator_code, zone_id, tag_ids, attributes, opted_out, made_by_import, updated_at)
SELECT r.phone, coalesce(r.operator_code, r.derived_code), coalesce(r.zone_id, %(zone)s),
       coalesce(r.tag_ids, '{{}}'), r.attributes, false, %(id)s, now()
  FROM soroka_importrow r
 WHERE {_SLICE} AND NOT exists(SELECT FROM soroka_client c WHERE c.phone = r.phone)
 ORDER BY r.phone
    ON CONFLICT (phone) DO NOTHING
RETURNING phone
"""  # noqa: S608
_CHANGE = f"""
UPDATE soroka_client c
   SET operator_code = {_CODE}, zone_id = {_ZONE}, tag_ids = {_TAGS}, attributes = c.attributes || r.attributes,
       updated_at = now()
  FROM soroka_importrow r
 WHERE {_SLICE} AND c.phone = r.phone AND {_DIFFERS}
RETURNING c.phone
"""  # noqa: S608
_DROP = f"DELETE FROM soroka_importrow r WHERE {_SLICE} AND r.id <> ALL (%(kept)s)"  # noqa: S608

_FORESEE = f"""
SELECT count(*) FILTER (WHERE c.id IS NULL), count(*) FILTER (WHERE {_DIFFERS} OR c.phone = ANY (%(due)s))
  FROM soroka_importrow r LEFT JOIN soroka_client c ON c.phone = r.phone
 WHERE {_SLICE}
"""  # noqa: S608


def take_over(client_import: ClientImport, leave: Leave) -> None:
    """Take over what is left of the staged rows; it goes on where it was left.

    A row that the database refuses is refused with what it says, and costs no other. leave: raises where there is no
    more time.  Raises OperationalError where nothing is wrong with the rows: the next run takes them.
    """
    last = ImportRow.objects.filter(client_import=client_import).aggregate(last=Max("line"))["last"] or 0
    zone = zone_row(settings.TIME_ZONE).pk
    has_acts = speaks_of_acts(client_import)
    if has_acts:
        record_acts(client_import, 0, leave)
    while (before := client_import.taken_to) < last:
        leave()
        to = before + SLICE
        _take_whole_or_halves(client_import, to, zone, READING + (1 - READING) * min(to / last, 1), has_acts=has_acts)
        if has_acts:
            record_acts(client_import, before, leave)


def _take_whole_or_halves(client_import: ClientImport, to: int, zone: int, progress: float, *, has_acts: bool) -> None:
    try:
        _take(client_import, to, zone, progress, has_acts=has_acts)
    except OperationalError:
        raise
    except DatabaseError as error:
        half = (client_import.taken_to + to) // 2
        if half == client_import.taken_to:
            _refuse(client_import, to, error)
        else:
            _take_whole_or_halves(client_import, half, zone, progress, has_acts=has_acts)
            _take_whole_or_halves(client_import, to, zone, progress, has_acts=has_acts)


def _take(client_import: ClientImport, to: int, zone: int, progress: float, *, has_acts: bool) -> None:
    """Take over the lines up to ``to``."""
    before = client_import.taken_to
    values = {
        "id": client_import.pk, "after": before, "to": to, "zone": zone, "replace": client_import.replace_tags,
    }  # fmt: skip
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            advance(client_import, "taken_to", by=to - before, progress=progress)
            due = acts_due(client_import, before, to) if has_acts else []
            added, changed, rows = (_foresee if client_import.dry_run else _write)(cursor, values, due)
            ClientImport.objects.filter(pk=client_import.pk).update(
                added=F("added") + added, changed=F("changed") + changed,
                unchanged=F("unchanged") + rows - added - changed,
            )  # fmt: skip
    except BaseException:
        client_import.taken_to = before  # as in the database
        raise


def _write(cursor: CursorWrapper, values: dict[str, Any], due: Sequence[Said]) -> tuple[int, int, int]:
    """How many rows were added and changed, of how many. due: rows of acts, which stay for ``record_acts``."""
    cursor.execute(_ADD, values)
    added = [phone for (phone,) in cursor.fetchall()]
    cursor.execute(_CHANGE, values)
    changed = {phone for (phone,) in cursor.fetchall()} | {row.phone for row in due}
    heed_many(added)
    cursor.execute(_DROP, values | {"kept": [row.row_id for row in due]})
    return len(added), len(changed.difference(added)), cursor.rowcount + len(due)


def _foresee(cursor: CursorWrapper, values: dict[str, Any], due: Sequence[Said]) -> tuple[int, int, int]:
    """The same, had they been written."""
    cursor.execute(_FORESEE, values | {"due": [row.phone for row in due]})
    added, changed = cursor.fetchone()
    cursor.execute(_DROP, values | {"kept": []})
    return added, changed, cursor.rowcount


def _refuse(client_import: ClientImport, line: int, error: DatabaseError) -> None:
    """Refuse the only row of a slice."""
    with transaction.atomic():
        advance(client_import, "taken_to", by=1, refused=F("refused") + 1)
        row = ImportRow.objects.filter(client_import=client_import, line=line, error="")
        row.update(error=said_by_database(error)[:LONGEST_ERROR])


def said_by_database(error: DatabaseError) -> str:
    """Why the database refuses something, in a sentence without details: these have the values, and so phones."""
    why = getattr(getattr(error.__cause__, "diag", None), "message_primary", None) or type(error).__name__
    return f"The database refuses it: {why}"
