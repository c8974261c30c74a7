"""The totals by quarters of an hour say what the ledger says, whatever becomes of messages."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.db import connection

from soroka.delivery.ports import Lease
from soroka.domain.message import BatchState, Reason, Status
from soroka.domain.verdict import Verdict
from soroka.models import Batch, Client, Mailing, Message, Settled
from soroka.planning.revise import remove
from soroka.queue.claim import Pump, claim
from soroka.queue.close import close_next
from soroka.queue.erase import erase_messages
from soroka.queue.offer import offer
from soroka.queue.release import release
from soroka.queue.retire import retire
from soroka.queue.settle import settle
from soroka.queue.withdraw import cancel, withdraw_client
from soroka.statistics import tally
from soroka.statistics.totals import quarters
from tests.integration.conftest import answers

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Mailing]
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def in_ledger() -> tuple[int, int]:
    four = tally.overall()
    return four.delivered, four.not_sent


def in_totals() -> tuple[int, int]:
    found = quarters(LONG_AGO)
    return sum(each.delivered for each in found), sum(each.not_sent for each in found)


def send_some(lease: Lease, number: int) -> None:
    """Offer a slice, and settle so many of it: the first is refused, the others are delivered."""
    found = offer(lease, number)
    assert found is not None
    first, *others = [message.id for message in found.messages]
    settle(lease, answers(others, Verdict(first, Status.NOT_SENT, Reason.REJECTED, 1, "rejected", "HTTP 400")))


@pytest.fixture
def leases(make_clients: Callable[..., list[Client]], make_mailing: Make, pump: Pump) -> Iterator[list[Lease]]:
    """A mailing to five clients in two zones, in work; whatever a test does, totals and ledger agree at its end."""
    make_clients(3)
    make_clients(2, zone="Asia/Omsk")
    mailing = make_mailing()
    yield claim(pump, mailing.gateway_id, 9)
    assert in_totals() == in_ledger()


def test_what_is_settled_counts_at_once_and_once(leases: list[Lease]) -> None:
    send_some(leases[0], 2)
    assert in_totals() == in_ledger() == (1, 1)
    release(leases[0], 5)
    assert in_totals() == (1, 1)
    send_some(leases[1], 2)
    release(leases[1], 0)
    assert Batch.objects.filter(state=BatchState.CLOSED).count() == 1
    assert in_totals() == in_ledger() == (2, 2)


def test_it_counts_in_the_quarter_in_which_it_was_settled(leases: list[Lease]) -> None:
    for lease in leases:
        send_some(lease, 3)
    edge = datetime(2026, 11, 29, 10, 15, tzinfo=UTC)
    for message, seconds in zip(Message.objects.order_by("pk"), (-901, -900, -1, 0, 899), strict=True):
        Message.objects.filter(pk=message.pk).update(settled_at=edge + timedelta(seconds=seconds))
    expected = [(edge + timedelta(minutes=15 * number), each) for number, each in ((-2, 1), (-1, 2), (0, 2))]
    for _ in range(2):  # first of open batches, then of closed ones
        assert [(each.at, each.delivered + each.not_sent) for each in quarters(LONG_AGO)] == expected
        assert [each.at for each in quarters(edge)] == [edge]
        for lease in leases:
            release(lease, 0)
    assert not Batch.objects.exclude(state=BatchState.CLOSED).exists()


def test_what_is_cancelled_counts_when_it_is_closed(leases: list[Lease]) -> None:
    send_some(leases[0], 2)
    release(leases[0], 5)
    cancel(leases[0].mailing_id)
    assert in_totals() == (1, 1)
    release(leases[1], 0)
    while close_next():
        pass
    assert in_totals() == in_ledger() == (1, 4)


def test_erasure_and_retention_leave_the_totals_as_they_are(leases: list[Lease]) -> None:
    for lease in leases:
        send_some(lease, 3)
        release(lease, 0)
    erase_messages(Client.objects.first().pk)
    assert tally.fold() == 1
    before = quarters(LONG_AGO)
    Mailing.objects.update(over_at=LONG_AGO)
    retire(1, seconds=5)
    assert not Batch.objects.exists()
    assert quarters(LONG_AGO) == before
    assert in_totals() == (3, 2)


def test_of_a_plan_that_is_given_up_nothing_is_counted(
    make_clients: Callable[..., list[Client]], make_mailing: Make
) -> None:
    [client] = make_clients(1)
    mailing = make_mailing(starts_in=600)
    withdraw_client(client.pk, Reason.OPTED_OUT)
    assert in_totals() == in_ledger() == (0, 1)
    Batch.objects.update(state=BatchState.CLOSING, closing=Reason.OPTED_OUT)
    assert close_next()
    assert in_totals() == in_ledger() == (0, 1)
    remove(mailing.pk)
    assert in_totals() == in_ledger() == (0, 0)
    assert close_next()
    assert in_totals() == (0, 0)


def test_a_batch_that_is_opened_again_is_not_counted_twice(leases: list[Lease]) -> None:
    for lease in leases:
        send_some(lease, 3)
        release(lease, 0)
    Batch.objects.update(state=BatchState.READY, breakdown=None)
    assert not Settled.objects.exclude(delivered=0, not_sent=0).exists()
    assert in_totals() == in_ledger() == (3, 2)


@pytest.mark.parametrize("folded", [True, False])
def test_the_migration_counts_what_was_there_before(leases: list[Lease], folded: bool) -> None:
    for lease in leases:
        send_some(lease, 3)
        release(lease, 0)
    tally.fold() if folded else None
    before = rows()
    assert before
    Settled.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(import_module("soroka.migrations.0023_settled").COUNT)
    assert rows() == before


def rows() -> list[Any]:
    return list(Settled.objects.order_by("pk").values_list())
