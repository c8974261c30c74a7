"""The broker of the tests, and a pulse in it."""

from collections.abc import Iterator

import pytest
import redis
from django.conf import settings

from soroka.statistics import health


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """Without a pulse and with nothing rung; as it was when the test is over."""
    valkey = redis.Redis.from_url(settings.REDIS_URL)
    valkey.delete("soroka:pulse", "clock")
    yield valkey
    valkey.delete("soroka:pulse", "clock")


@pytest.fixture
def alive(broker: redis.Redis) -> None:
    """Beat rings, and a worker takes it."""
    health.beat_pulse()
