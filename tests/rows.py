"""The rows that the suites of the API and of the admin begin with, in a transaction that is rolled back."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from soroka.models import Client, Gateway, Tag, Zone

PHONES = count(79160000000)


@pytest.fixture
def gateway(db: None) -> Gateway:
    return Gateway.objects.create(name="default")


@pytest.fixture
def moscow(db: None) -> Zone:
    return Zone.objects.create(name="Europe/Moscow")


@pytest.fixture
def vip(db: None) -> Tag:
    return Tag.objects.create(name="vip")


@pytest.fixture
def make_clients(moscow: Zone) -> Callable[..., list[Client]]:
    def make(number: int, **fields: Any) -> list[Client]:
        values = {"operator_code": 916, "zone": moscow} | fields
        return Client.objects.bulk_create(Client(phone=next(PHONES), **values) for _ in range(number))

    return make
