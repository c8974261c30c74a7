"""The ledger of consents: rows that nobody can change, bound to each other by a chain of hashes (ADR 19).

It holds no phone and no text of a client in clear, but for source and wording of an opt-in or opt-out, which may quote
a person: ``forget_texts`` removes those of one client and leaves the chain whole.
"""

import hmac
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from soroka.models import ConsentSeal, ConsentText
from soroka.models.consent import Act, Channel
from soroka.models.derived_keys import digests, key_name, keys_of
from soroka.models.locks import CONSENTS

#: Rows that one seal binds at most, and one append takes.
MOST_ROWS = 10_000
#: Characters of a source and of a wording.
LONGEST_SOURCE, LONGEST_WORDING = 500, 5000
#: What the first seal takes for the hash before it.
GENESIS = bytes(32)

#: What is hashed of a row ``e``; the one column whose text is free comes last.
LEAF = """
sha256(convert_to(concat_ws('|', e.id, (extract(epoch FROM e.at) * 1000000)::bigint, encode(e.phone_digest, 'hex'),
                            coalesce(e.client_id::text, ''), e.act, e.channel,
                            coalesce(encode(e.text_digest, 'hex'), ''), e.recorded_by), 'UTF8'))
"""
#: Over the rows of one seal.
ROOT = f"sha256(string_agg({LEAF}, ''::bytea ORDER BY e.id))"

_ENTER = f"""
WITH moment AS (SELECT clock_timestamp() AS now), entered AS (
    INSERT INTO soroka_consent (seal_id, at, phone_digest, client_id, act, channel, text_digest, recorded_by)
    SELECT %(seal)s, now, phone_digest, client_id, act, channel, text_digest, recorded_by
      FROM moment, unnest(%(phones)s::bytea[], %(clients)s::bigint[], %(acts)s::text[], %(channels)s::text[],
                          %(texts)s::bytea[], %(users)s::text[]) WITH ORDINALITY
           AS e(phone_digest, client_id, act, channel, text_digest, recorded_by, place)
     ORDER BY place
    RETURNING *
)
SELECT {ROOT} FROM entered e
"""  # noqa: S608

_LAST_OF_PHONE = """
SELECT act, text_digest FROM soroka_consent WHERE phone_digest = ANY(%s::bytea[]) ORDER BY id DESC LIMIT 1
"""

_RECORDED = """
SELECT phone_digest, act, text_digest FROM soroka_consent
 WHERE phone_digest = ANY(%s::bytea[]) AND text_digest = ANY(%s::bytea[])
"""

_FORGET_TEXTS = """
DELETE FROM soroka_consenttext t USING soroka_consent his
 WHERE his.text_digest = t.digest AND (his.client_id = %(client)s OR his.phone_digest = ANY(%(phones)s::bytea[]))
   AND NOT exists(SELECT FROM soroka_consent other
                   WHERE other.text_digest = t.digest AND other.client_id IS DISTINCT FROM %(client)s
                     AND other.phone_digest <> ALL (%(phones)s::bytea[]))
"""


@dataclass(frozen=True, slots=True)
class Origin:
    """channel: by which way Soroka learns of it.  recorded_by: a user's name, empty where the client did it himself.

    source: where the person said it.  wording: what he read or said.
    """

    channel: Channel
    recorded_by: str = ""
    source: str = ""
    wording: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be recorded. client_id: None where nobody has the phone."""

    act: Act
    phone: int
    client_id: int | None
    origin: Origin


def lock_ledger() -> None:
    """Let nobody else append or suppress until this transaction ends, which has to be soon.

    Whatever else it locks, it locks before: so nobody waits for another in a circle.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CONSENTS])


def append(entries: Sequence[Entry]) -> None:
    """Record acts, in order, and seal them. entries: 1 to ``MOST_ROWS``. To be called under ``lock_ledger``."""
    last = ConsentSeal.objects.order_by("-id").first()
    place = last.pk + 1 if last else 1
    texts = _keep_texts({(entry.origin.source, entry.origin.wording) for entry in entries})
    values: dict[str, Any] = {
        "seal": place,
        "phones": [digests(entry.phone)[0] for entry in entries],
        "clients": [entry.client_id for entry in entries],
        "acts": [entry.act.value for entry in entries],
        "channels": [entry.origin.channel.value for entry in entries],
        "texts": [texts[entry.origin.source, entry.origin.wording] for entry in entries],
        "users": [entry.origin.recorded_by for entry in entries],
    }
    with connection.cursor() as cursor:
        cursor.execute(_ENTER, values)
        root = bytes(cursor.fetchone()[0])
    key = keys_of("seal")[0]
    made = seal_hash(key, place, len(entries), root, bytes(last.hash) if last else GENESIS)
    ConsentSeal.objects.create(id=place, rows=len(entries), key=key_name(key), hash=made)


def seal_hash(key: bytes, place: int, rows: int, root: bytes, before: bytes) -> bytes:
    """The hash of a seal. root: of its rows, see ``ROOT``.  before: the hash of the seal before it."""
    return hmac.digest(key, b"%d|%d|" % (place, rows) + root + before, "sha256")


def says_the_same(entry: Entry) -> bool:
    """Whether the last row of this phone records the same act with the same text: a repeat adds nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST_OF_PHONE, [digests(entry.phone)])
        last = cursor.fetchone()
    if last is None or last[0] != entry.act:
        return False
    kept = bytes(last[1]) if last[1] is not None else None
    return kept in text_digests(entry.origin.source, entry.origin.wording)


def recorded(entries: Collection[Entry]) -> set[Entry]:
    """Those of them that are in the ledger already: the same act of the same phone with the same text, at any time.

    entries: with a text.
    """
    phones = {entry.phone: digests(entry.phone) for entry in entries}
    texts = {entry.origin: text_digests(entry.origin.source, entry.origin.wording) for entry in entries}
    with connection.cursor() as cursor:
        cursor.execute(_RECORDED, [[each for made in phones.values() for each in made],
                                   [each for made in texts.values() for each in made]])  # fmt: skip
        found = {(bytes(phone), act, bytes(text)) for phone, act, text in cursor.fetchall()}
    return {
        entry
        for entry in entries
        if any((phone, entry.act, text) in found for phone in phones[entry.phone] for text in texts[entry.origin])
    }


def text_digests(source: str, wording: str) -> list[bytes | None]:
    """By what a row cites source and wording: by the key of today first. None alone where there are neither."""
    if not (source or wording):
        return [None]
    said = f"{len(source)}|{source}|{wording}".encode()
    return [hmac.digest(key, said, "sha256") for key in keys_of("text")]


def forget_texts(client_id: int, phones: Iterable[int]) -> int:
    """Remove source and wording of a client's consents, but where another's consent has the very same; how many.

    phones: his, now and before.  The rows stay, with digests that nobody can turn back without SUPPRESSION_KEY.
    """
    known = [digest for phone in phones for digest in digests(phone)]
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_TEXTS, {"client": client_id, "phones": known})
        return int(cursor.rowcount)


def _keep_texts(said: set[tuple[str, str]]) -> dict[tuple[str, str], bytes | None]:
    """Write texts down where they are not yet; returns by what rows cite them."""
    cited = {text: text_digests(*text)[0] for text in said}
    ConsentText.objects.bulk_create(
        (ConsentText(digest=digest, source=source, wording=wording)
         for (source, wording), digest in cited.items() if digest is not None),
        ignore_conflicts=True,
    )  # fmt: skip
    return cited
