"""A batch is cut in two, or its pump stands still, between two steps of somebody else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from soroka.delivery.ports import Lease
from soroka.domain.message import BatchState, Reason, Status
from soroka.domain.verdict import Verdict
from soroka.models import Batch, Client, Gateway, Mailing, Message
from soroka.planning.revise import revise
from soroka.queue import offer as offer_module
from soroka.queue.claim import Pump, claim
from soroka.queue.offer import offer
from soroka.queue.release import release
from soroka.queue.rescue import rescue
from soroka.queue.settle import settle
from soroka.queue.withdraw import cancel, pause, resume, withdraw_client
from tests.integration.conftest import answers, lapse, other_connection, wait_until_blocked

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Mailing]
MakeClients = Callable[..., list[Client]]


@transaction.atomic
def opt_out(client: Client) -> None:
    withdraw_client(client.pk, Reason.OPTED_OUT)


def outcome_of(message_id: int) -> tuple[int, int | None]:
    return Message.objects.values_list("status", "reason").get(pk=message_id)


@pytest.fixture
def being_cut(make_clients: MakeClients, make_mailing: Make, claim_one: Callable[[], Lease]) -> tuple[Mailing, Lease]:
    """A batch of ten, of which three were offered and one failed."""
    make_clients(10)
    mailing = make_mailing()
    lease = claim_one()
    result = offer(lease, 3)
    assert result is not None
    first, *others = (message.id for message in result.messages)
    settle(lease, answers(others, Verdict(first, Status.IN_PROCESS, None, 1, "deferred", "503")))
    return mailing, lease


def while_cutting(lease: Lease, call: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """Call on another connection, which comes to wait for a batch that is cut before it gets its lock."""
    with other_connection() as other:
        with transaction.atomic():
            release(lease, 30, cut=True)
            waiting = other(call, *args, **kwargs)
            wait_until_blocked()
        waiting.result(10)
    assert Batch.objects.count() == 2


def test_a_pause_holds_the_part_that_was_cut_off_meanwhile(being_cut: tuple[Mailing, Lease]) -> None:
    mailing, lease = being_cut
    while_cutting(lease, pause, mailing.pk)
    assert set(Batch.objects.values_list("held", flat=True)) == {True}
    resume(mailing.pk)
    assert set(Batch.objects.values_list("held", flat=True)) == {False}


def test_a_cancellation_withdraws_the_part_that_was_cut_off_meanwhile(being_cut: tuple[Mailing, Lease]) -> None:
    mailing, lease = being_cut
    while_cutting(lease, cancel, mailing.pk)
    assert set(Batch.objects.values_list("state", "closing")) == {(BatchState.CLOSING, Reason.WITHDRAWN)}


def test_a_new_end_counts_for_the_part_that_was_cut_off_meanwhile(being_cut: tuple[Mailing, Lease]) -> None:
    mailing, lease = being_cut
    ends_at = mailing.ends_at + timedelta(hours=1)
    while_cutting(lease, revise, mailing.pk, {"ends_at": ends_at})
    assert set(Batch.objects.values_list("expires_at", flat=True)) == {ends_at}


def test_who_opts_out_is_counted_in_the_part_that_was_cut_off_with_him(being_cut: tuple[Mailing, Lease]) -> None:
    _mailing, lease = being_cut
    last = Message.objects.order_by("id").last()
    assert last is not None
    while_cutting(lease, opt_out, last.client)
    assert list(Batch.objects.order_by("id_from").values_list("total", "delivered", "not_sent")) == [
        (3, 2, 0),
        (7, 0, 1),
    ]
    assert outcome_of(last.pk) == (Status.NOT_SENT, Reason.OPTED_OUT)


def test_a_pump_that_stood_still_after_its_offer_ends_nothing_that_is_another_ones(
    make_clients: MakeClients, make_mailing: Make, claim_one: Callable[[], Lease], gateway: Gateway,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    [client] = make_clients(1)
    make_mailing()
    frozen, read = claim_one(), offer_module._unsettled
    awake: list[Lease] = []

    def stand_still(*args: Any) -> Any:
        monkeypatch.setattr(offer_module, "_unsettled", read)
        lapse(frozen.batch_id)
        rescue()
        awake.extend(claim(Pump(2, 15), gateway.pk, 1))
        assert offer(awake[0], 10)
        opt_out(client)  # in flight now: it must not be offered again
        return read(*args)

    monkeypatch.setattr(offer_module, "_unsettled", stand_still)
    assert offer(frozen, 10) is None
    message = Message.objects.get()
    assert message.status == Status.IN_PROCESS
    settle(awake[0], answers([message.pk]))
    assert outcome_of(message.pk) == (Status.DELIVERED, None)
