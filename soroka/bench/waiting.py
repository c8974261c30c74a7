"""Waiting for a condition, with an end."""

import time
from collections.abc import Callable

from soroka.bench.errors import BenchError

_EVERY = 0.02


def wait_until(condition: Callable[[], bool], what: str, within: float) -> None:
    """Look every 20 ms. Raises BenchError after ``within`` seconds. what: completes "waited for"."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise BenchError(f"waited {within:g} s for {what} in vain")
        time.sleep(_EVERY)
