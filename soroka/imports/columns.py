"""A file whose columns a person says: looked at, begun, and begun once more."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice

from django.contrib.auth.models import User
from django.db import transaction

from soroka.imports.header import guess, names_of, read_header
from soroka.imports.sheet import opened_sheet
from soroka.imports.source import Kept, header_cells, opened
from soroka.imports.table import Row, read_table
from soroka.imports.upload import Options, let_nobody_be_erased
from soroka.models import ClientImport, ImportChunk, ImportState
from soroka.models.change import Deed
from soroka.models.trail import note

ROWS_SHOWN = 3
#: A person waits meanwhile: a larger workbook is not opened for him, and none for longer.
MOST_OF_WORKBOOK, _SECONDS = 5 * 1024**2, 20
_LONGEST_CELL = 60
#: What an import has of the dry run that it repeats.
_SAME = ["filename", "size", "is_workbook", "encoding", "delimiter", "mapping", "create_missing_tags", "replace_tags"]


class NotWaiting(Exception):
    """It was begun by somebody else, or its file is gone."""


@dataclass(frozen=True, slots=True)
class Column:
    """name: its cell of the header.  field: what it is by that name, see ``header.guess``.  cells: its first ones."""

    name: str
    field: str | None
    cells: list[str]


def columns_of(client_import: ClientImport) -> list[Column]:
    """The columns of a kept file; none where the workbook is too large to be opened now. Raises UnreadableFile."""
    if client_import.is_workbook and client_import.size > MOST_OF_WORKBOOK:
        return []
    with _rows(client_import) as rows:
        names = names_of(header_cells(rows))
        first = [row.cells for row in islice(rows, ROWS_SHOWN)]
    cells = [[row[place][:_LONGEST_CELL] if place < len(row) else "" for row in first] for place in range(len(names))]
    return [Column(*column) for column in zip(names, guess(names), cells, strict=True)]


@contextmanager
def _rows(client_import: ClientImport) -> Iterator[Iterator[Row]]:
    """The rows of a file of which the first are wanted."""
    if not client_import.is_workbook:
        with opened(client_import) as source:
            yield source.rows
        return
    with suppress(_Enough), opened_sheet(Kept(client_import.pk), _SECONDS) as (text, _):
        yield read_table(text, client_import.delimiter, one_line_each=True)
        raise _Enough


class _Enough(Exception):
    """The process that reads the workbook is to be ended: nobody waits for its other rows."""


@transaction.atomic
def begin(client_import: ClientImport, names: Sequence[str], options: Options) -> None:
    """Queue an import that waited. names: of its columns, as ``columns_of`` told; none where it could not.

    Raises UnreadableFile where the columns cannot be so, and NotWaiting.
    """
    if names:
        read_header(names, options.mapping)
    let_nobody_be_erased()
    waiting = ClientImport.objects.filter(pk=client_import.pk, state=ImportState.WAITING)
    begun = waiting.update(
        state=ImportState.QUEUED,
        mapping=dict(options.mapping),
        create_missing_tags=options.create_missing_tags,
        replace_tags=options.replace_tags,
        dry_run=options.dry_run,
    )
    if not begun:
        raise NotWaiting


@transaction.atomic
def once_more(dry_run: ClientImport, user: User | None, *, ask: bool) -> ClientImport:
    """A new import of the file of a dry run that has finished, for real; it is queued.

    ask: it waits, and its columns and options may be changed.  Raises NotWaiting where the file is gone.
    """
    let_nobody_be_erased()
    done = ClientImport.objects.select_for_update().get(pk=dry_run.pk)
    if not can_be_repeated(done):
        raise NotWaiting
    same = {name: getattr(done, name) for name in _SAME}
    again = ClientImport.objects.create(
        state=ImportState.WAITING if ask else ImportState.QUEUED, created_by=user, **same
    )
    ImportChunk.objects.filter(client_import=done).update(client_import=again)
    note(Deed.CREATED, again)
    return again


def can_be_repeated(client_import: ClientImport) -> bool:
    """Whether it is a dry run that has finished and whose file is still there."""
    finished = client_import.dry_run and client_import.state == ImportState.FINISHED
    return finished and client_import.chunks.exists()
