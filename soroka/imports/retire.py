"""Remove imports that were over long ago, with the lines that were refused, and files that nobody came back for."""

import time
from datetime import timedelta

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from soroka.models import ClientImport, ImportChunk, ImportState

#: For so long a file waits to be told its columns, or to be taken for real after a dry run.
KEPT_FOR = timedelta(days=1)
_ROWS = 1_000

_OLDEST = """
SELECT id FROM soroka_clientimport WHERE finished_at < clock_timestamp() - make_interval(days => %s)
 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_REMOVE_ROWS = """
DELETE FROM soroka_importrow WHERE id = ANY (ARRAY(
    SELECT id FROM soroka_importrow WHERE client_import_id = %s ORDER BY line LIMIT %s))
"""
_REMOVE_FILE = "DELETE FROM soroka_importchunk WHERE client_import_id = %s"
_REMOVE = "DELETE FROM soroka_clientimport WHERE id = %s"


def retire(days: int, *, seconds: float) -> None:
    """Remove what is older than so many days, a thousand lines a transaction, until nothing is or the time is over."""
    end = time.monotonic() + seconds
    while _retire_rows(days) and time.monotonic() < end:
        pass


@transaction.atomic
def _retire_rows(days: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST, [days])
        if (found := cursor.fetchone()) is None:
            return False
        cursor.execute(_REMOVE_ROWS, [found[0], _ROWS])
        if cursor.rowcount < _ROWS:
            cursor.execute(_REMOVE_FILE, [found[0]])
            cursor.execute(_REMOVE, [found[0]])
    return True


def let_go() -> None:
    """Remove the files that nobody came back for."""
    old = Now() - KEPT_FOR
    kept = ImportChunk.objects.filter(number=0)  # few: the other imports have none
    for found in (
        kept.filter(client_import__state=ImportState.WAITING, client_import__created_at__lt=old),
        kept.filter(client_import__state=ImportState.FINISHED, client_import__finished_at__lt=old),
    ):
        drop([*found.values_list("client_import_id", flat=True)], "Nobody said what its columns are. Hand it in again.")


def drop_kept() -> None:
    """Remove all files that nobody is reading: they may name one who is to be erased."""
    kept = ClientImport.objects.filter(state__in=[ImportState.WAITING, ImportState.FINISHED], chunks__number=0)
    drop([*kept.values_list("pk", flat=True)], "Somebody was erased whom the file may name. Hand it in again.")


@transaction.atomic
def drop(imports: list[int], why: str) -> None:
    """Remove the files of imports that are not under way; those that wait have failed."""
    waiting = ClientImport.objects.filter(pk__in=imports, state=ImportState.WAITING)
    waiting.update(state=ImportState.FAILED, detail=why, finished_at=timezone.now())
    over = [ImportState.FINISHED, ImportState.FAILED]
    ImportChunk.objects.filter(client_import__in=imports, client_import__state__in=over).delete()
