"""Run an import from wherever it is to its end: the worker does, and the command line."""

from collections.abc import Callable

from django.db import DatabaseError, OperationalError, transaction
from django.db.models import F
from django.utils import timezone

from soroka.imports.position import Left
from soroka.imports.stage import stage
from soroka.imports.unreadable import UnreadableFile
from soroka.imports.upsert import said_by_database, take_over
from soroka.models import ClientImport, ImportState
from soroka.models.change import Deed
from soroka.models.meter import Count, Counted, count
from soroka.models.trail import facts, note

#: How often an import is begun without a slice that was done, before it is given up.
MOST_TRIES = 5


def run(import_id: int, stopping: Callable[[], bool] = lambda: False) -> None:
    """Read and take over: a finished import is left alone, one that was killed or stopped goes on where it was.

    The last line of a phone counts and the ones before are refused. A file of no use makes the import ``failed``, and
    no client is touched. stopping: asked between slices; true: leave the rest to another run.  A lost connection is
    raised: another run goes on.
    """

    def leave() -> None:
        if stopping():
            raise Left

    client_import = _begin(import_id)
    if client_import is None:
        return
    try:
        if client_import.read_at is None:
            stage(client_import, leave)
        take_over(client_import, leave)
        _finish(client_import)
    except Left:
        return
    except UnreadableFile as error:
        _fail(client_import, str(error))
    except OperationalError:
        raise
    except DatabaseError as error:
        _fail(client_import, said_by_database(error))


def _begin(import_id: int) -> ClientImport | None:
    """The import, running from now on; None where it is over."""
    waiting = ClientImport.objects.filter(pk=import_id, state__in=[ImportState.QUEUED, ImportState.RUNNING])
    waiting.update(state=ImportState.RUNNING, tries=F("tries") + 1)
    client_import = waiting.first()
    if client_import and client_import.tries > MOST_TRIES:
        _fail(client_import, f"It was interrupted {MOST_TRIES} times at the same place.")
        return None
    return client_import


@transaction.atomic
def _finish(client_import: ClientImport) -> None:
    _end(client_import, state=ImportState.FINISHED, progress=1)


@transaction.atomic
def _fail(client_import: ClientImport, why: str) -> None:
    """Nothing was taken over, or what was stays: rows that wait for it go."""
    _end(client_import, state=ImportState.FAILED, detail=why[:500])
    client_import.staged.filter(error="").delete()


def _end(client_import: ClientImport, **values: object) -> None:
    """The file is full of phones, and of no more use but after a dry run."""
    running = ClientImport.objects.filter(pk=client_import.pk, state=ImportState.RUNNING)
    if running.update(finished_at=timezone.now(), **values):
        client_import.refresh_from_db()
        note(Deed.IMPORTED, client_import, after=facts(client_import))
        count({Count(Counted.IMPORTS, client_import.state): 1})
    if not (client_import.dry_run and values["state"] == ImportState.FINISHED):
        client_import.chunks.all().delete()
