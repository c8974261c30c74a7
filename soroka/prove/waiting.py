"""Waiting with an end."""

import asyncio
import time
from collections.abc import Awaitable, Callable

_LOOK = 0.05


class TooLong(Exception):
    """What was waited for did not come."""


async def until(holds: Callable[[], Awaitable[object]], seconds: float, what: str, *, look: float = _LOOK) -> float:
    """Wait until ``holds`` gives something true; returns the seconds that took. Raises TooLong that says what."""
    began = time.monotonic()
    while not await holds():
        if time.monotonic() > began + seconds:
            raise TooLong(f"{what}: not within {seconds:g} s")
        await asyncio.sleep(look)
    return time.monotonic() - began
