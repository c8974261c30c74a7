"""Keys that are derived from SUPPRESSION_KEY, one a purpose: who sees one of them learns nothing of the others."""

import hmac
from functools import lru_cache
from hashlib import blake2b

from django.conf import settings


def keys_of(purpose: str) -> tuple[bytes, ...]:
    """The keys of a purpose, 32 bytes each: what is new is made with the first, what is there may be of any."""
    return _derived(purpose, tuple(settings.SUPPRESSION_KEYS))


@lru_cache(maxsize=16)
def _derived(purpose: str, secrets: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(hmac.digest(secret.encode(), purpose.encode(), "sha256") for secret in secrets)


def digests(phone: int) -> list[bytes]:
    """A phone as it is kept where its digits must not be, 32 bytes: by the key of today first, then by older ones."""
    return [hmac.digest(key, str(phone).encode(), "sha256") for key in keys_of("phone")]


def phone_key_name() -> int:
    """The name of the key that new digests of phones are made with."""
    return key_name(keys_of("phone")[0])


def key_name(key: bytes) -> int:
    """By what a row says with which key it was made: it tells nothing of the key."""
    return int.from_bytes(blake2b(key, digest_size=4).digest(), "big", signed=True)
