"""Take what files said of somebody out of the imports; that a line was refused, and why, stays."""

from collections.abc import Collection

from django.db import connection

from soroka.imports.retire import drop_kept
from soroka.models import ClientImport, ImportState
from soroka.models.locks import UPLOADS

# A row that was refused for its phone has none, and may still show it: by its digits, however they are written.
# `escape` writes what is not ASCII as a backslash and three digits. The first pattern takes these for digits as well;
# it is there as it is quick: nearly all rows are passed over by it.
_ERASE = r"""
UPDATE soroka_importrow
   SET phone = NULL, operator_code = NULL, derived_code = NULL, zone_id = NULL, tag_ids = NULL, attributes = NULL,
       opted_out = NULL, consent = NULL, original = NULL
 WHERE phone = ANY(%s)
    OR (phone IS NULL AND encode(original, 'escape') ~ ANY(%s)
        AND regexp_replace(encode(original, 'escape'), '\\[0-7]{3}|[^0-9]', '', 'g') LIKE ANY(%s))
"""
# What a file is called may be a number, and so may be what a header is made of, or what the database said of a row.
_ERASE_NAMES = r"""
UPDATE soroka_clientimport SET filename = '', detail = '', columns = '{}', mapping = '{}'
 WHERE regexp_replace(concat_ws('', filename, detail, columns, mapping), '[^0-9]', '', 'g') LIKE ANY(%s)
"""
#: The last digits of a number, by which it is found also where it is written without the code of its country.
_TELLING = 9
#: What may be between two digits.
_BETWEEN = r"(?:\\[0-7]{3}|[^0-9])*"


class ImportUnderWay(Exception):
    """A file is being taken in, and nobody knows yet whom it names."""


def imports_over() -> set[int]:
    """The ids of all imports. Raises ImportUnderWay where one of them might still bring back who is erased."""
    imports = set(ClientImport.objects.values_list("pk", flat=True))
    if _under_way():
        raise ImportUnderWay
    return imports


def _under_way() -> bool:
    return ClientImport.objects.filter(state__in=[ImportState.QUEUED, ImportState.RUNNING]).exists()


def require_no_other(imports: Collection[int]) -> None:
    """Raises ImportUnderWay where there is another import than these, or one of them was begun since.

    None is handed in until the transaction ends, and files that wait for a person are removed. To be called under
    ``AUDIENCE``. It does not wait for an upload that is being kept.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [UPLOADS])
        [nobody_uploads] = cursor.fetchone()
    if not nobody_uploads or _under_way() or ClientImport.objects.exclude(pk__in=imports).exists():
        raise ImportUnderWay
    drop_kept()


def erase_rows(phones: Collection[int]) -> None:
    """Erase what the rows of these numbers say, and the names and faults of files that have one of them in it.

    It reads every refused row: to be called without locks that others wait for.
    """
    if not phones:
        return
    telling = [str(phone)[-_TELLING:] for phone in phones]
    written = [f"%{digits}%" for digits in telling]
    with connection.cursor() as cursor:
        cursor.execute(_ERASE, [[*phones], [_BETWEEN.join(digits) for digits in telling], written])
        cursor.execute(_ERASE_NAMES, [written])
