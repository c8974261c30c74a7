"""How far an import is: written together with what was done, so that whoever comes next goes on there."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import F

from soroka.models import ClientImport, ImportState

#: Raises ``Left`` where the one who runs the import is to end.
Leave = Callable[[], None]


class Left(Exception):
    """The import is left as it is: another run goes on with it."""


def advance(client_import: ClientImport, counter: str, *, by: int, **values: Any) -> None:
    """Move on a counter of an import that runs, in the transaction of what it counts, and set other columns.

    counter: ``rows`` or ``taken_to``.  Raises Left where it is not where we left it: somebody else is at work, or has
    ended it.
    """
    with connection.cursor() as cursor:
        # What a crash of the server takes, it takes together with the counter: no slice has to wait for the disk.
        cursor.execute("SET LOCAL synchronous_commit = off")
    before = getattr(client_import, counter)
    mine = ClientImport.objects.filter(pk=client_import.pk, state=ImportState.RUNNING, **{counter: before})
    if not mine.update(**{counter: F(counter) + by}, tries=0, **values):
        raise Left
    setattr(client_import, counter, before + by)
