"""The token of a client's own link: his number and a seal, short enough for a text that is paid for by its length."""

import base64
import binascii
import hmac
from collections.abc import Sequence

#: Bytes of the seal: guessing one of a given client takes 2**79 requests on average.
_SEAL = 10
_LARGEST_NUMBER = 8


def make_token(client_id: int, key: bytes) -> str:
    """The token of a client: letters, digits, ``-`` and ``_``; 16 characters for a client below 65,536, 24 at most."""
    number = client_id.to_bytes((client_id.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(number + _seal(number, key)).rstrip(b"=").decode()


def read_token(token: str, keys: Sequence[bytes]) -> int | None:
    """Whose token it is, by whichever key it was made with; None where it is none of ours. Raises nothing."""
    try:
        raw = base64.b64decode(token.encode() + b"=" * (-len(token) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    number, seal = raw[:-_SEAL], raw[-_SEAL:]
    if not 0 < len(number) <= _LARGEST_NUMBER:
        return None
    known = any(hmac.compare_digest(_seal(number, key), seal) for key in keys)
    return int.from_bytes(number, "big") if known else None


def _seal(number: bytes, key: bytes) -> bytes:
    return hmac.digest(key, number, "sha256")[:_SEAL]
