"""An import on a terminal: it is handed in and run here, by the code of the worker, and watched."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path

from django.contrib.auth.models import User
from django.db import connection
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from soroka.imports.errors import errors_csv
from soroka.imports.run import run
from soroka.imports.upload import PIECE, Options, check_size, keep
from soroka.models import ClientImport, ImportState
from soroka.models.locks import IMPORT, only_one
from soroka.models.rule_words import translated

#: Seconds between two looks at how far it is, and between two tries to get the import slot.
_LOOK_AGAIN = 0.2
#: Seconds that the slot may be held, see ``only_one``: longer than any import.
_LONGEST = 24 * 3600
_COUNTS = ("rows", "added", "changed", "unchanged", "refused")


def hand_in(file: Path, options: Options, user: User | None = None) -> ClientImport:
    """Keep the file as an import. Raises UnreadableFile."""
    check_size(file.stat().st_size)
    with file.open("rb") as source:
        return keep(iter(lambda: source.read(PIECE), b""), file.name, options, user)


def follow(client_import: ClientImport, *, quiet: bool = False) -> None:
    """Run it, unless a worker does or another import is running, and show how far it is until it is over.

    quiet: show nothing.
    On Ctrl-C it is left between two slices, and KeyboardInterrupt goes on.
    """
    leaving = threading.Event()
    columns = (TextColumn("{task.fields[words]}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as progress, ThreadPoolExecutor(1) as helper:
        bar = progress.add_task("", total=1.0, words=_("waiting"))
        running = helper.submit(copy_context().run, _run, client_import.pk, leaving)
        try:
            while not (client_import.is_over or running.done()):
                leaving.wait(_LOOK_AGAIN)
                client_import.refresh_from_db()
                progress.update(bar, completed=client_import.progress, words=_words(client_import))
            running.result()
            client_import.refresh_from_db()
        finally:
            leaving.set()


def _run(import_id: int, leaving: threading.Event) -> None:
    try:
        while not leaving.is_set() and not ClientImport.objects.get(pk=import_id).is_over:
            with only_one(IMPORT, seconds=_LONGEST) as ours:
                if ours:
                    run(import_id, leaving.is_set)
            leaving.wait(0 if ours else _LOOK_AGAIN)
    finally:
        connection.close()  # this thread's


def _words(client_import: ClientImport) -> str:
    words = _("%(state)s: %(rows)s rows, %(refused)s refused")
    counts = {"rows": _number(client_import.rows), "refused": _number(client_import.refused)}
    return words % {"state": client_import.get_state_display(), **counts}


def _number(count: int) -> str:
    """With thin spaces, as the desk writes it."""
    return number_format(count, force_grouping=True)


def report(client_import: ClientImport, errors: Path | None, *, quiet: bool = False) -> bool:
    """Print what came of it, and write the refused rows into a file. Whether the file was of use.

    quiet: somebody else prints.
    """
    if client_import.state == ImportState.FAILED:
        return False
    if errors:
        with errors.open("wb") as file:
            file.writelines(errors_csv(client_import, translated))
    if not quiet:
        counts = {name: _number(getattr(client_import, name)) for name in _COUNTS}
        would = _(" (a dry run: nothing was written)") if client_import.dry_run else ""
        words = _(
            "import %(id)s%(would)s: rows %(rows)s, added %(added)s, changed %(changed)s, unchanged %(unchanged)s, "
            "refused %(refused)s"
        )
        Console().print(words % {"id": client_import.pk, "would": would, **counts}, highlight=False, soft_wrap=True)
    return True
