from collections.abc import Callable

import pytest
from django.db import transaction

from soroka.delivery.ports import Lease
from soroka.domain.message import BatchState, MailingStatus, Reason, Status
from soroka.models import Batch, Client, Gateway, Mailing, Message
from soroka.models.status import status_of
from soroka.planning.launch import plan
from soroka.queue import close, withdraw
from soroka.queue.claim import Pump, claim
from soroka.queue.offer import offer
from soroka.queue.release import release
from soroka.queue.settle import settle
from soroka.statistics.tally import Counts, counts
from tests.integration.conftest import answers, other_connection, wait_until_blocked

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Mailing]
MakeClients = Callable[..., list[Client]]
ClaimOne = Callable[[], Lease]


@pytest.fixture
def clients(make_clients: MakeClients) -> list[Client]:
    return make_clients(10)


@pytest.fixture
def mailing(clients: list[Client], make_mailing: Make) -> Mailing:
    return make_mailing()


def opt_out(client: Client) -> int:
    with transaction.atomic():
        withdrawn = withdraw.withdraw_client(client.pk, Reason.OPTED_OUT)
        Client.objects.filter(pk=client.pk).update(opted_out=True)
    return withdrawn


def test_a_paused_mailing_is_not_claimed_and_a_resumed_one_is(mailing: Mailing, gateway: Gateway, pump: Pump) -> None:
    withdraw.pause(mailing.pk)
    withdraw.pause(mailing.pk)  # already so
    assert status_of(mailing.pk) == MailingStatus.PAUSED
    assert claim(pump, gateway.pk, 1) == []
    withdraw.resume(mailing.pk)
    withdraw.resume(mailing.pk)
    assert status_of(mailing.pk) == MailingStatus.RUNNING
    assert len(claim(pump, gateway.pk, 1)) == 1


def test_a_pause_stops_a_leased_batch_before_its_next_slice(mailing: Mailing, claim_one: ClaimOne) -> None:
    lease = claim_one()
    first = offer(lease, 2)
    withdraw.pause(mailing.pk)
    assert offer(lease, 2) is None
    assert first is not None
    assert settle(lease, answers([*(message.id for message in first.messages)]))
    release(lease, 0)
    assert counts([mailing.pk])[mailing.pk] == Counts(10, 8, 2, 0)


def test_cancelling_withdraws_what_was_not_offered(mailing: Mailing, claim_one: ClaimOne) -> None:
    lease = claim_one()
    first = offer(lease, 2)
    withdraw.cancel(mailing.pk)
    withdraw.cancel(mailing.pk)
    assert status_of(mailing.pk) == MailingStatus.CANCELLED
    assert offer(lease, 2) is None
    assert first is not None
    settle(lease, answers([*(message.id for message in first.messages)]))
    release(lease, 0)
    assert Batch.objects.get().state == BatchState.CLOSING
    assert close.close_next()
    assert counts([mailing.pk])[mailing.pk] == Counts(10, 0, 2, 8)
    assert set(Message.objects.filter(status=Status.NOT_SENT).values_list("reason", flat=True)) == {Reason.WITHDRAWN}


def test_a_batch_nobody_holds_is_closed_after_a_cancellation(mailing: Mailing, gateway: Gateway, pump: Pump) -> None:
    withdraw.cancel(mailing.pk)
    assert claim(pump, gateway.pk, 1) == []
    close.close_next()
    assert counts([mailing.pk])[mailing.pk] == Counts(10, 0, 0, 10)


@pytest.mark.parametrize("action", [withdraw.pause, withdraw.resume])
def test_a_cancelled_mailing_can_neither_be_paused_nor_resumed(mailing: Mailing, action: Callable[[int], None]) -> None:
    withdraw.cancel(mailing.pk)
    with pytest.raises(withdraw.NotAllowed, match="cancelled"):
        action(mailing.pk)


@pytest.mark.parametrize("action", [withdraw.pause, withdraw.resume, withdraw.cancel])
def test_a_finished_mailing_stays_as_it_is(make_mailing: Make, action: Callable[[int], None]) -> None:
    with pytest.raises(withdraw.NotAllowed, match="finished"):
        action(make_mailing().pk)


def test_a_cancellation_waits_for_an_offer_and_then_nothing_more_is_offered(
    mailing: Mailing, claim_one: ClaimOne
) -> None:
    lease = claim_one()
    with other_connection() as other:
        with transaction.atomic():
            assert offer(lease, 2) is not None
            cancelled = other(withdraw.cancel, mailing.pk)
            wait_until_blocked()
        cancelled.result(10)
    assert offer(lease, 2) is None
    assert Batch.objects.get().offered_to == Message.objects.order_by("id")[1].pk


def test_an_offer_that_waited_for_an_opt_out_does_not_return_the_message(
    mailing: Mailing, clients: list[Client], claim_one: ClaimOne
) -> None:
    lease = claim_one()
    with other_connection() as other:
        with transaction.atomic():
            assert withdraw.withdraw_client(clients[0].pk, Reason.OPTED_OUT) == 1
            offering = other(offer, lease, 3)
            wait_until_blocked()
        result = offering.result(10)
    assert result is not None
    assert [message.phone for message in result.messages] == [clients[1].phone, clients[2].phone]


def test_an_opt_out_leaves_what_was_offered(mailing: Mailing, clients: list[Client], claim_one: ClaimOne) -> None:
    offer(claim_one(), 2)
    assert opt_out(clients[1]) == 0
    assert opt_out(clients[2]) == 1
    assert counts([mailing.pk])[mailing.pk] == Counts(10, 9, 0, 1)
    message = Message.objects.get(client=clients[2])
    assert (message.status, message.reason) == (Status.NOT_SENT, Reason.OPTED_OUT)


def test_a_planning_slice_and_an_opt_out_do_not_miss_each_other(clients: list[Client], make_mailing: Make) -> None:
    mailing = make_mailing(planned=False)
    with other_connection() as other:
        with transaction.atomic():
            withdraw.withdraw_client(clients[0].pk, Reason.OPTED_OUT)
            planning = other(plan, mailing.pk, seconds=60)
            wait_until_blocked()  # the slice must not read the client before this is committed
            Client.objects.filter(pk=clients[0].pk).update(opted_out=True)
        assert planning.result(10)
    assert counts([mailing.pk])[mailing.pk].total == 9


def test_an_opt_out_waits_for_a_planning_slice_and_finds_its_message(clients: list[Client], make_mailing: Make) -> None:
    mailing = make_mailing(planned=False)
    with other_connection() as other:
        with transaction.atomic():
            plan(mailing.pk, seconds=60)
            opting_out = other(opt_out, clients[0])
            wait_until_blocked()
        assert opting_out.result(10) == 1
    assert counts([mailing.pk])[mailing.pk] == Counts(10, 9, 0, 1)


def test_a_new_number_goes_into_what_was_not_offered(
    mailing: Mailing, clients: list[Client], claim_one: ClaimOne
) -> None:
    lease = claim_one()
    offer(lease, 1)
    with transaction.atomic():
        withdraw.change_phone(clients[0].pk, 79990000000, 999)
        withdraw.change_phone(clients[1].pk, 79990000001, 999)
    result = offer(lease, 1)
    assert result is not None
    assert [message.phone for message in result.messages] == [79990000001]
    assert (
        Message.objects.get(client=clients[0]).phone == 79990000000
    )  # for a repeat; what is in flight has the old one
