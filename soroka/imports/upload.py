"""A file on its way in: kept in the database by pieces, for web and worker may be on different hosts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction

from soroka.imports.encoding import WORKBOOK, Guess, refuse_others
from soroka.imports.header import Wish, find_delimiter, names_of
from soroka.imports.source import decoded, header_cells, header_of
from soroka.imports.table import LONGEST_LINE, read_table
from soroka.imports.unreadable import UnreadableFile
from soroka.models import ClientImport, ImportState
from soroka.models.change import Deed
from soroka.models.locks import UPLOADS
from soroka.models.statement import run
from soroka.models.trail import note

#: Bytes of a piece.
PIECE = 1024 * 1024

# With its values beside it: a connection remembers a hundred statements, and each would have a piece in its text.
_KEEP = """
INSERT INTO soroka_importchunk (client_import_id, number, content) VALUES (%(import)s, %(number)s, %(content)b)
RETURNING number
"""


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is to be taken. mapping: what its columns are, see ``header.Wish``.

    replace_tags: a client has the tags of the file afterwards, and no others; else they are added to his.
    dry_run: nothing is written but the report.
    """

    mapping: Wish = field(default_factory=dict)
    create_missing_tags: bool = True
    replace_tags: bool = False
    dry_run: bool = False


@transaction.atomic
def keep(
    pieces: Iterable[bytes], filename: str, options: Options, user: User | None = None, *, ask: bool = False
) -> ClientImport:
    """Keep a file for ``soroka.imports.run``; returns the import, queued.

    pieces: the bytes, up to ``PIECE`` each.  ask: it waits for ``soroka.imports.columns.begin``, which says what its
    columns are; the options do not count.  Raises UnreadableFile, and nothing is kept then, where the file is empty,
    too large, or of no use by its beginning. A workbook is opened later.
    """
    let_nobody_be_erased()
    client_import = ClientImport.objects.create(
        state=ImportState.WAITING if ask else ImportState.QUEUED,
        filename=filename[:200],
        mapping=dict(options.mapping),
        create_missing_tags=options.create_missing_tags,
        replace_tags=options.replace_tags,
        dry_run=options.dry_run,
        created_by=user,
        size=0,
    )
    head, guess = b"", Guess()
    for number, piece in enumerate(pieces):
        client_import.size += len(piece)
        check_size(client_import.size)
        guess.feed(piece)
        head = head or piece
        run(_KEEP, {"import": client_import.pk, "number": number, "content": piece})
    refuse_others(head)
    client_import.is_workbook = head.startswith(WORKBOOK)
    client_import.encoding = guess.encoding
    if not client_import.is_workbook:
        _look_at(client_import, head, ask=ask)
    client_import.save()
    note(Deed.CREATED, client_import)
    return client_import


def let_nobody_be_erased() -> None:
    """Until the transaction ends: nobody who may be in a file that is on its way in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [UPLOADS])


def check_size(size: int) -> None:
    """Raises UnreadableFile for a file of more bytes than may be handed in."""
    if size > settings.UPLOAD_MAX_BYTES:
        raise UnreadableFile(f"The file is larger than {settings.UPLOAD_MAX_BYTES} bytes.")


def _look_at(client_import: ClientImport, head: bytes, *, ask: bool) -> None:
    """Find the delimiter, and read the header. ask: none of its columns need be the phone. Raises UnreadableFile."""
    beginning = decoded(BytesIO(head), client_import.encoding).read(LONGEST_LINE)
    client_import.delimiter = find_delimiter(beginning, client_import.mapping)
    rows = read_table(decoded(BytesIO(head), client_import.encoding), client_import.delimiter)
    if ask:
        names_of(header_cells(rows))
    else:
        header_of(rows, client_import.mapping)
    if client_import.size == len(head) and next(rows, None) is None:
        raise UnreadableFile("The file has a header and no rows.")
