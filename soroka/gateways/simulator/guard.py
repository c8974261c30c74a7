"""Who may call the simulated gateway: whoever shows a JWT signed with its secret."""

import math
import time
from collections.abc import Callable

import jwt

CACHE = 1000  # tokens remembered; far more than pumps that call


class Guard:
    """secret: of HS256; None or empty lets any bearer token pass.  clock: seconds since 1970."""

    def __init__(self, secret: str | None = None, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret
        self._clock = clock
        self._valid_until: dict[bytes, float] = {}

    def admits(self, authorization: bytes) -> bool:
        """Whether this Authorization header opens the door now. A verified one is remembered with its expiry."""
        until = self._valid_until.get(authorization)
        if until is None:
            until = self._verify(authorization)
            self._remember(authorization, until)
        return self._clock() < until

    def _remember(self, authorization: bytes, until: float) -> None:
        if len(self._valid_until) >= CACHE:
            self._valid_until.clear()
        if until:
            self._valid_until[authorization] = until

    def _verify(self, authorization: bytes) -> float:
        """The moment up to which the token is good, in seconds since 1970; 0 for none."""
        scheme, _, token = authorization.partition(b" ")
        if scheme.lower() != b"bearer" or not token:
            return 0.0
        if not self._secret:
            return math.inf
        try:
            claims = jwt.decode(token, self._secret, algorithms=["HS256"], options={"verify_aud": False})
        except jwt.InvalidTokenError:
            return 0.0
        return float(claims.get("exp", math.inf))
