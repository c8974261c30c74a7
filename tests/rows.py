"""The rows that the suites of the API, the admin and the terminal begin with, in a transaction that is rolled back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from soroka.audience.filter import Filter
from soroka.domain.message import BatchState, Reason, Status
from soroka.models import Batch, Client, Gateway, Mailing, Message, Tag, Zone
from soroka.models.breakdown import measure
from soroka.planning.launch import create_mailing, plan

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


def settle_all(mailing_id: int, *ends: Reason | None) -> None:
    """End the messages of a mailing, by id: the first so many for these reasons (None: delivered), the rest delivered.

    Its batches close as the queue closes them.
    """
    found = Message.objects.filter(mailing=mailing_id)
    now = datetime.now(UTC)
    for pk, reason in zip(list(found.order_by("pk").values_list("pk", flat=True)), ends, strict=False):
        status = Status.DELIVERED if reason is None else Status.NOT_SENT
        found.filter(pk=pk).update(status=status, reason=reason, settled_at=now)
    found.filter(status=Status.IN_PROCESS).update(status=Status.DELIVERED, settled_at=now)
    for batch in Batch.objects.filter(mailing=mailing_id):
        batch.state, batch.first_offered_at = BatchState.CLOSED, now
        its = found.filter(pk__range=(batch.id_from, batch.id_to))
        batch.delivered = its.filter(status=Status.DELIVERED).count()
        batch.not_sent = batch.total - batch.delivered
        batch.breakdown = measure([(batch.id_from, batch.id_to)]).to_json()
        batch.save()


@pytest.fixture
def make_mailing(gateway: Gateway) -> Callable[..., Mailing]:
    """A planned mailing to everybody, due now unless ``starts_in`` says otherwise."""

    def make(*, starts_in: float | None = None, **fields: Any) -> Mailing:
        now = datetime.now(UTC)
        values: dict[str, Any] = {
            "name": "News",
            "text": "Good day!",
            "audience": Filter(everyone=True),
            "starts_at": None if starts_in is None else now + timedelta(seconds=starts_in),
            "ends_at": now + timedelta(hours=1),
            "local_time": False,
            "gateway": gateway,
            "user": None,
        }
        mailing = create_mailing(**(values | fields))
        assert plan(mailing.pk, seconds=60)
        return mailing

    return make
