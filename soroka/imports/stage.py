"""Read the file of an import: every row checked and copied into a table, a slice at a time, each of them committed."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice

import orjson
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from soroka.imports.check import Entry, Refused, entry_reader
from soroka.imports.header import Header
from soroka.imports.names import imagined_tags, known_tags, made_tags, zone_ids
from soroka.imports.position import Leave, advance
from soroka.imports.source import header_of, opened
from soroka.imports.table import Row
from soroka.imports.unreadable import UnreadableFile
from soroka.models import ClientImport

#: Rows that are committed together.
SLICE = 10_000
#: Characters of text after which a slice ends as well: what it takes of memory is some times that.
SLICE_TEXT = 8 * 1024**2
LONGEST_ERROR = 200
#: The share of an import's progress that reading makes.
READING = 0.4

_COPY = """
COPY soroka_importrow
     (client_import_id, line, phone, operator_code, derived_code, zone_id, tag_ids, attributes, opted_out, consent,
      error, original)
FROM STDIN
"""
# In text, COPY's own marks are escaped. What is JSON already has no control character left but the backslash.
_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_NULL = r"\N"

_REFUSE_DUPLICATES = """
WITH row AS (
    SELECT id, line, max(line) OVER (PARTITION BY phone) AS last FROM soroka_importrow
     WHERE client_import_id = %(id)s AND error = ''
)
UPDATE soroka_importrow r SET error = 'The same phone comes again in line ' || row.last || ', which counts.'
  FROM row WHERE r.id = row.id AND row.line < row.last
"""

_Find = Callable[[set[str]], Mapping[str, int]]


def stage(client_import: ClientImport, leave: Leave) -> None:
    """Stage what is left of the file to be read for ``upsert.take_over``; it goes on where it was left.

    A refused row is kept with its line and the reason and stops nothing. Tags are made here, if they may be.
    leave: raises where there is no more time.  Raises UnreadableFile where the whole file is of no use.
    """
    with opened(client_import) as source:
        header = header_of(source.rows, client_import.mapping)
        read = entry_reader(header, client_import.encoding)
        for rows in _slices(islice(source.rows, client_import.rows, None)):
            leave()
            _stage(client_import, rows, read, progress=READING * source.share(rows[-1]))
    if not client_import.rows:
        raise UnreadableFile("The file has a header and no rows.")
    _finish(client_import, header)


def _slices(rows: Iterator[Row]) -> Iterator[list[Row]]:
    taken, size = [], 0
    for row in rows:
        taken.append(row)
        size += len(row.text)
        if len(taken) >= SLICE or size >= SLICE_TEXT:
            yield taken
            taken, size = [], 0
    if taken:
        yield taken


@transaction.atomic
def _stage(client_import: ClientImport, rows: list[Row], read: Callable[[Row], Entry], *, progress: float) -> None:
    entries = [_entry(row, read) for row in rows]
    understood = [entry for entry in entries if isinstance(entry, Entry)]
    tags = _finder(client_import)({name for entry in understood for name in entry.tags or ()})
    zones = zone_ids({entry.timezone for entry in understood if entry.timezone})
    lines, refused = [], 0
    for row, entry in zip(rows, entries, strict=True):
        why = entry if isinstance(entry, str) else _unknown(entry, tags)
        refused += bool(why)
        values = _refusal(why) if why or isinstance(entry, str) else _values(entry, tags, zones)
        original = row.text.encode("utf-8", "surrogateescape").hex()
        lines.append(f"{client_import.pk}\t{row.line}\t{values}\t\\\\x{original}\n")
    advance(client_import, "rows", by=len(rows), refused=F("refused") + refused, progress=progress)
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.write("".join(lines).encode())


def _entry(row: Row, read: Callable[[Row], Entry]) -> Entry | str:
    """What the row means, or why it is refused."""
    try:
        return read(row)
    except Refused as refusal:
        return str(refusal)[:LONGEST_ERROR]


def _finder(client_import: ClientImport) -> _Find:
    if not client_import.create_missing_tags:
        return known_tags
    return imagined_tags if client_import.dry_run else made_tags


def _unknown(entry: Entry, tags: Mapping[str, int]) -> str:
    """The tag that the row names and nobody knows; empty where all are known."""
    missing = next((name for name in entry.tags or () if name not in tags), None)
    return f"There is no tag {missing!r}." if missing else ""


def _refusal(why: str) -> str:
    """What ``_COPY`` takes between place and original of a row that is refused."""
    return "\t".join([*[_NULL] * 8, why.translate(_ESCAPED)])


def _values(entry: Entry, tags: Mapping[str, int], zones: Mapping[str, int]) -> str:
    """The same of a row that is not."""
    phone, derived, code, zone, names, attributes, opted_out, consent = entry
    tag_ids = _NULL if names is None else "{" + ",".join(map(str, sorted({tags[name] for name in names}))) + "}"
    text = orjson.dumps(attributes).decode().replace("\\", r"\\") if attributes else "{}"
    said = _NULL if opted_out is None else opted_out
    wording = _NULL if consent is None else consent.translate(_ESCAPED)
    return (
        f"{phone}\t{_NULL if code is None else code}\t{derived}\t{zones[zone] if zone else _NULL}\t{tag_ids}\t{text}\t"
        f"{said}\t{wording}\t"
    )


def _finish(client_import: ClientImport, header: Header) -> None:
    """Refuse all but the last row of every phone, and say that the file was read."""
    with transaction.atomic(), connection.cursor() as cursor:
        advance(client_import, "rows", by=0, columns=list(header.names), read_at=timezone.now(), progress=READING)
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute(_REFUSE_DUPLICATES, {"id": client_import.pk})
        ClientImport.objects.filter(pk=client_import.pk).update(refused=F("refused") + cursor.rowcount)
    with connection.cursor() as cursor:
        # Just filled: without figures the joins of what follows are planned for a few rows.
        cursor.execute("ANALYZE soroka_importrow")
    client_import.refresh_from_db()
