from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from soroka.delivery.ports import Lease
from soroka.domain.message import BatchState
from soroka.models import Batch, Client, Gateway, Mailing
from soroka.queue.claim import Pump, any_due, claim, next_due, renew
from soroka.queue.hold import leave_alone, works_again
from soroka.queue.release import release
from tests.integration.conftest import lapse, other_connection

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Mailing]
MakeClients = Callable[..., list[Client]]
ZONES = ("Europe/Moscow", "Asia/Omsk", "Asia/Tokyo", "Asia/Yakutsk")


@pytest.fixture
def four_batches(make_clients: MakeClients, make_mailing: Make) -> Mailing:
    for zone in ZONES:
        make_clients(2, zone=zone)
    return make_mailing()


def test_it_leases_due_batches_to_one_pump(four_batches: Mailing, gateway: Gateway, pump: Pump) -> None:
    leases = claim(pump, gateway.pk, 10)
    assert len(leases) == 4
    assert claim(Pump(2, 15), gateway.pk, 10) == []
    for batch in Batch.objects.all():
        assert (batch.state, batch.owner, batch.epoch) == (BatchState.LEASED, pump.owner, 1)
        assert batch.lease_until is not None
        assert batch.lease_until > datetime.now(UTC)


def test_two_claims_at_once_take_different_batches(four_batches: Mailing, gateway: Gateway) -> None:
    with other_connection() as other:
        with transaction.atomic():
            being_claimed = {batch.pk for batch in Batch.objects.select_for_update().order_by("id")[:2]}
            theirs = other(claim, Pump(2, 15), gateway.pk, 9).result(10)  # does not wait for our locks
        rest = other(claim, Pump(2, 15), gateway.pk, 9).result(10)
    assert not being_claimed & {lease.batch_id for lease in theirs}
    assert {lease.batch_id for lease in rest} == being_claimed


def test_it_claims_nothing_before_its_time(
    make_clients: MakeClients, make_mailing: Make, gateway: Gateway, pump: Pump
) -> None:
    make_clients(1)
    make_mailing(starts_in=600)
    assert claim(pump, gateway.pk, 1) == []
    wait = next_due(gateway.pk)
    assert wait is not None
    assert 500 < wait <= 600
    assert any_due(ahead=600)
    assert not any_due(ahead=1)
    Batch.objects.update(next_at=datetime.now(UTC))
    assert len(claim(pump, gateway.pk, 1)) == 1


def test_it_claims_nothing_after_its_deadline(four_batches: Mailing, gateway: Gateway, pump: Pump) -> None:
    Batch.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert claim(pump, gateway.pk, 10) == []


def test_it_takes_mailings_in_turn(make_clients: MakeClients, make_mailing: Make, gateway: Gateway, pump: Pump) -> None:
    for zone in ZONES:
        make_clients(1, zone=zone)
    big, small = make_mailing(), make_mailing()
    assert {lease.mailing_id for lease in claim(pump, gateway.pk, 2)} == {big.pk, small.pk}


def test_what_a_mailing_has_in_work_counts_as_its_turns(
    make_clients: MakeClients, make_mailing: Make, gateway: Gateway
) -> None:
    for zone in ZONES:
        make_clients(1, zone=zone)
    big = make_mailing()
    claim(Pump(1, 15), gateway.pk, 2)
    small = make_mailing()
    first, second, third = (claim(Pump(2, 15), gateway.pk, 1)[0].mailing_id for _ in range(3))
    assert (first, second) == (small.pk, small.pk)
    assert third in (big.pk, small.pk)


def test_whose_last_turn_was_longest_ago_goes_first_whatever_the_deadlines(
    make_clients: MakeClients, make_mailing: Make, claim_one: Callable[[], Lease]
) -> None:
    for zone in ZONES:
        make_clients(1, zone=zone)
    mailings = [make_mailing(ends_in=ends_in).pk for ends_in in (60, 600, 6000)]

    def turn() -> int:
        lease = claim_one()
        release(lease, 0)  # nothing of it stays in work
        return lease.mailing_id

    assert [turn() for _ in range(6)] == mailings * 2
    newcomer = make_mailing(ends_in=7200)
    assert turn() == newcomer.pk


def test_the_sooner_deadline_goes_first(
    make_clients: MakeClients, make_mailing: Make, claim_one: Callable[[], Lease]
) -> None:
    make_clients(1)
    make_mailing(ends_in=7200)
    urgent = make_mailing(ends_in=60)
    assert claim_one().mailing_id == urgent.pk


def test_it_leaves_a_gateway_alone_until_its_pause_is_over(four_batches: Mailing, gateway: Gateway, pump: Pump) -> None:
    leave_alone(gateway.pk, 30, "503", stop=False)
    assert claim(pump, gateway.pk, 10) == []
    assert not any_due(ahead=1.0)
    works_again(gateway.pk)  # a probe that another pump began before; the pause that was asked for meanwhile holds
    assert claim(pump, gateway.pk, 10) == []
    Gateway.objects.update(paused_until=datetime.now(UTC))
    assert len(claim(pump, gateway.pk, 10)) == 4


def test_what_is_claimed_for_a_gateway_in_trouble_is_offered_one_by_one(
    four_batches: Mailing, gateway: Gateway, pump: Pump
) -> None:
    assert [lease.careful for lease in claim(pump, gateway.pk, 1)] == [False]
    Gateway.objects.update(trouble=1)
    assert [lease.careful for lease in claim(pump, gateway.pk, 1)] == [True]


def test_a_stopped_gateway_says_since_when_and_why(gateway: Gateway) -> None:
    leave_alone(gateway.pk, 60, "HTTP 401", stop=True)
    leave_alone(gateway.pk, 60, "HTTP 401", stop=True)  # another pump, the same outage
    gateway.refresh_from_db()
    assert gateway.stopped_at is not None
    assert (gateway.trouble, gateway.last_error) == (1, "HTTP 401")
    works_again(gateway.pk)
    gateway.refresh_from_db()
    assert (gateway.trouble, gateway.stopped_at) == (0, None)


def test_a_renewal_extends_what_is_ours_and_nothing_else(four_batches: Mailing, gateway: Gateway, pump: Pump) -> None:
    ours, expired, stolen, other = claim(pump, gateway.pk, 4)
    lapse(expired.batch_id)
    Batch.objects.filter(pk=stolen.batch_id).update(epoch=7)
    Batch.objects.filter(pk=other.batch_id).update(owner=99)
    before = Batch.objects.get(pk=ours.batch_id).lease_until
    assert renew(pump, [ours, expired, stolen, other]) == {ours.batch_id}
    after = Batch.objects.get(pk=ours.batch_id).lease_until
    assert before is not None
    assert after is not None
    assert after > before
