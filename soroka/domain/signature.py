"""The signature of a request that comes without a login: HMAC-SHA256 over ``timestamp.body``, in hex."""

import hmac

#: How far a timestamp may be from our clock, seconds: whoever overheard a request can repeat it no longer than that.
MOST_SECONDS_APART = 300
#: Ten digits until the year 2286; more of them are no clock's.
_MOST_DIGITS = 12


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """64 hex digits. timestamp: Unix time, whole seconds."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, "sha256").hexdigest()


def is_signed(secret: str, timestamp: str, signature: str, body: bytes, *, now: float) -> bool:
    """Whether who sent it has the secret, and sent it just now. now: Unix time. An empty secret signs nothing."""
    meant = sign(secret, timestamp, body)
    same = hmac.compare_digest(meant.encode(), signature.lower().encode())
    return bool(secret) and same and _is_near(timestamp, now)


def _is_near(timestamp: str, now: float) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _MOST_DIGITS):
        return False
    return abs(int(timestamp) - now) <= MOST_SECONDS_APART
