"""What a file says of being written to, entered into the ledger of consents.

The rows that do are left by ``upsert`` once their clients are there. Whatever was done already is found to be done, so
whoever comes after a kill goes through the rows that are left once more.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection, transaction

from soroka.consent.ledger import Entry, Origin, append, lock_ledger, recorded
from soroka.consent.opting import opt_in, opt_out_idle, opt_out_phone
from soroka.imports.header import read_header
from soroka.imports.position import Leave, Left
from soroka.models import Client, ClientImport, ImportRow, ImportState
from soroka.models.consent import Act, Channel

#: Rows that are looked at together: their consents are one seal.
_TOGETHER = 1_000

_SAID = """
SELECT r.id, r.phone, c.id, coalesce(c.opted_out, false), r.opted_out, r.consent
  FROM soroka_importrow r LEFT JOIN soroka_client c ON c.phone = r.phone
 WHERE r.client_import_id = %s AND r.line > %s AND r.line <= %s AND r.error = ''
   AND (r.opted_out OR r.consent IS NOT NULL)
 ORDER BY r.line LIMIT %s
"""


class Said(NamedTuple):
    """What a row says of a client. client_id: None: nobody has the phone.  has_opted_out: by now.

    opted_out: as the row says; None: it does not.  consent: the wording; None: there is none.
    """

    row_id: int
    phone: int
    client_id: int | None
    has_opted_out: bool
    opted_out: bool | None
    consent: str | None


def speaks_of_acts(client_import: ClientImport) -> bool:
    """Whether the file has a column for them."""
    fields = read_header(client_import.columns, client_import.mapping).fields
    return "opted_out" in fields or "consent" in fields


def acts_due(client_import: ClientImport, after: int, to: int) -> list[Said]:
    """The rows of these lines, ``after`` not among them, that say what is not so yet."""
    return _due(client_import, _said(client_import, after, to, to - after))


def record_acts(client_import: ClientImport, after: int, leave: Leave) -> None:
    """Enter what the rows say that were taken over, and remove them. Consents are entered together, and so are
    opt-outs of who has nothing queued; the others one by one.

    after: up to this line there are none.  leave: raises where there is no more time.  Raises Left where another has
    ended the import.
    """
    while said := _said(client_import, after, client_import.taken_to, _TOGETHER):
        leave()
        if not ClientImport.objects.filter(pk=client_import.pk, state=ImportState.RUNNING).update(tries=0):
            raise Left
        for row in _opt_out_idle(client_import, _record_consents(client_import, said)):
            leave()
            _opt(client_import, row)
            ImportRow.objects.filter(pk=row.row_id).delete()


def _said(client_import: ClientImport, after: int, to: int, most: int) -> list[Said]:
    with connection.cursor() as cursor:
        cursor.execute(_SAID, [client_import.pk, after, to, most])
        return [Said(*row) for row in cursor.fetchall()]


def _due(client_import: ClientImport, said: Sequence[Said]) -> list[Said]:
    """Those that say what is not so yet. A consent that is in the ledger already says nothing, whatever came after it.

    Of who has opted out it is due only where the row says besides that he has not.
    """
    known = recorded([_entry(client_import, row) for row in said if row.consent is not None])
    return [
        row
        for row in said
        if (
            not row.has_opted_out
            if row.consent is None
            else (row.opted_out is False or not row.has_opted_out) and _entry(client_import, row) not in known
        )
    ]


@transaction.atomic
def _record_consents(client_import: ClientImport, said: Sequence[Said]) -> list[Said]:
    """Enter the consents of who has not opted out; which rows change more than the ledger.

    No row of a client is locked: whoever opts out just now is entered after this, or is seen here.
    """
    lock_ledger()
    opted_out = set(
        Client.objects.filter(phone__in=[row.phone for row in said], opted_out=True).values_list("phone", flat=True)
    )
    due = _due(client_import, [row._replace(has_opted_out=row.phone in opted_out) for row in said])
    consents = [_entry(client_import, row) for row in due if row.consent is not None and not row.has_opted_out]
    if consents:
        append(consents)
    more = [row for row in due if row.consent is None or row.has_opted_out]
    ImportRow.objects.filter(pk__in={row.row_id for row in said} - {row.row_id for row in more}).delete()
    return more


def _opt_out_idle(client_import: ClientImport, said: Sequence[Said]) -> list[Said]:
    """Opt out at once from whom nothing has to be withdrawn; the rows that are left."""
    outs = {row.phone: row for row in said if row.consent is None}
    if not outs:
        return list(said)
    done = opt_out_idle(list(outs), _entry(client_import, next(iter(outs.values()))).origin)
    ImportRow.objects.filter(pk__in=[outs[phone].row_id for phone in done]).delete()
    return [row for row in said if row.phone not in done]


def _opt(client_import: ClientImport, row: Said) -> None:
    """Opt a client out or in as every other way does; one who is gone by now only out."""
    origin = _entry(client_import, row).origin
    if row.consent is None:
        opt_out_phone(row.phone, origin)
    elif (client_id := Client.objects.filter(phone=row.phone).values_list("pk", flat=True).first()) is not None:
        opt_in(client_id, origin)


def _entry(client_import: ClientImport, row: Said) -> Entry:
    user: Any = client_import.created_by
    origin = Origin(
        Channel.IMPORT, user.get_username() if user else "", source=client_import.filename, wording=row.consent or ""
    )
    return Entry(Act.OPT_OUT if row.consent is None else Act.OPT_IN, row.phone, row.client_id, origin)
