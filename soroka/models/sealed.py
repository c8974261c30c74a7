"""Secrets of gateways as the database keeps them: sealed with the first of GATEWAY_KEYS, opened with any of them."""

import base64
import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class UnknownKey(ValueError):
    """It was sealed with a key that is not among GATEWAY_KEYS."""


def seal(secret: str) -> str:
    """What is kept of a secret; an empty one stays empty."""
    return _ring().encrypt(secret.encode()).decode() if secret else ""


def unseal(kept: str) -> str:
    """The secret, empty where nothing is kept. Raises UnknownKey."""
    try:
        return _ring().decrypt(kept).decode() if kept else ""
    except InvalidToken:
        raise UnknownKey from None


def reseal(kept: str) -> str:
    """The same secret, sealed with the first key; as it is where it is so already. Raises UnknownKey."""
    if not kept or _opens(settings.GATEWAY_KEYS[0], kept):
        return kept
    try:
        return _ring().rotate(kept).decode()
    except InvalidToken:
        raise UnknownKey from None


def _opens(key: str, kept: str) -> bool:
    try:
        _fernet(key).decrypt(kept)
    except InvalidToken:
        return False
    return True


def _ring() -> MultiFernet:
    return MultiFernet([_fernet(key) for key in settings.GATEWAY_KEYS])


@lru_cache(maxsize=16)
def _fernet(key: str) -> Fernet:
    digest = hashlib.blake2b(key.encode(), digest_size=32, person=b"gateway token").digest()
    return Fernet(base64.urlsafe_b64encode(digest))
