"""Whether the ledger of consents is as it was written."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from soroka.consent.ledger import GENESIS, ROOT, seal_hash, text_digests
from soroka.models import ConsentSeal, ConsentText
from soroka.models.derived_keys import key_name, keys_of

#: Seals that are looked at in one statement, with all of their rows.
_SEALS = 200
_TEXTS = 1_000

_SEALED = f"""
SELECT s.id, s.rows, s.key, s.hash, found.rows, found.root
  FROM soroka_consentseal s
  LEFT JOIN (SELECT e.seal_id, count(*)::int AS rows, {ROOT} AS root FROM soroka_consent e
              WHERE e.seal_id > %(after)s AND e.seal_id <= %(to)s GROUP BY e.seal_id) found ON found.seal_id = s.id
 WHERE s.id > %(after)s AND s.id <= %(to)s
 ORDER BY s.id
"""  # noqa: S608

_UNSEALED = """
SELECT e.id FROM soroka_consent e
 WHERE NOT exists(SELECT FROM soroka_consentseal s WHERE s.id = e.seal_id) ORDER BY e.id LIMIT 1
"""

_CITES_NO_TEXT = """
SELECT count(*) FROM soroka_consent e
 WHERE e.text_digest IS NOT NULL AND NOT exists(SELECT FROM soroka_consenttext t WHERE t.digest = e.text_digest)
"""


class Broken(Exception):
    """The ledger is not as it was written; the message says where."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last link of the chain: whoever keeps it elsewhere will notice if the end of the ledger is cut off."""

    place: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.place}:{self.hash.hex()}"


def head() -> Head:
    """Where the chain ends now."""
    last = ConsentSeal.objects.order_by("-id").first()
    return Head(last.pk, bytes(last.hash)) if last else Head(0, GENESIS)


def verify(end: Head, known: Head | None = None) -> Iterator[int]:
    """Follow the chain up to ``end``; yields after each stretch how many seals it was. Memory is bounded by a stretch.

    known: a head that was written down earlier.  Raises Broken.
    """
    if known and known.place > end.place:
        raise Broken(f"The chain ends at seal {end.place}: seal {known.place}, which is known, was cut off.")
    before, keys = GENESIS, {key_name(key): key for key in keys_of("seal")}
    for first in range(0, end.place, _SEALS):
        last = min(first + _SEALS, end.place)
        for seal in _stretch(first, last):
            before = _check(seal, before, keys)
            if known and seal.place == known.place and before != known.hash:
                raise Broken(f"Seal {seal.place} is another than the one that is known.")
        yield last - first
    _check_unsealed()


def check_texts() -> int:
    """Whether the texts are as they were written; how many rows cite one that was forgotten. Raises Broken."""
    last = b""
    while texts := list(ConsentText.objects.filter(digest__gt=last).order_by("digest")[:_TEXTS]):
        for text in texts:
            last = bytes(text.digest)
            if last not in text_digests(text.source, text.wording):
                raise Broken(f"The text {last.hex()} is not as it was written.")
    with connection.cursor() as cursor:
        cursor.execute(_CITES_NO_TEXT)
        return int(cursor.fetchone()[0])


@dataclass(frozen=True, slots=True)
class _Seal:
    """A seal as it is kept, and what there is of its rows."""

    place: int
    rows: int
    key: int
    hash: bytes
    found: int | None
    root: bytes


def _stretch(first: int, last: int) -> list[_Seal]:
    with connection.cursor() as cursor:
        cursor.execute(_SEALED, {"after": first, "to": last})
        seals = [
            _Seal(place, rows, key, bytes(kept), found, bytes(root or b""))
            for place, rows, key, kept, found, root in cursor.fetchall()
        ]
    for expected, seal in enumerate(seals, first + 1):
        if seal.place != expected:
            raise Broken(f"Seal {expected} is missing.")
    if len(seals) < last - first:
        raise Broken(f"Seal {first + len(seals) + 1} is missing.")
    return seals


def _check(seal: _Seal, before: bytes, keys: dict[int, bytes]) -> bytes:
    if seal.found != seal.rows:
        raise Broken(f"Seal {seal.place} binds {seal.rows} rows, and there are {seal.found or 0}.")
    if seal.key not in keys:
        raise Broken(f"Seal {seal.place} was made with a key that is not in SUPPRESSION_KEY: add it after the new one.")
    if not hmac.compare_digest(seal_hash(keys[seal.key], seal.place, seal.rows, seal.root, before), seal.hash):
        raise Broken(f"Seal {seal.place} does not fit: it, a row that it binds, or the seal before it was changed.")
    return seal.hash


def _check_unsealed() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_UNSEALED)
        stray = cursor.fetchone()
    if stray:
        raise Broken(f"Row {stray[0]} is bound by no seal.")
