from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from soroka.delivery.ports import Lease, Offer
from soroka.domain.message import BatchState, MailingStatus, Reason, Status
from soroka.domain.verdict import Verdict
from soroka.models import Attempt, Batch, Client, Gateway, Mailing, Message
from soroka.models.status import status_of
from soroka.queue import close
from soroka.queue.claim import Pump, claim
from soroka.queue.offer import offer
from soroka.queue.release import release
from soroka.queue.rescue import rescue
from soroka.queue.settle import settle
from soroka.statistics.tally import Counts, counts, fold, full
from tests.integration.conftest import answers, lapse

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Mailing]
MakeClients = Callable[..., list[Client]]
ClaimOne = Callable[[], Lease]


@pytest.fixture
def mailing(make_clients: MakeClients, make_mailing: Make) -> Mailing:
    make_clients(10)
    return make_mailing()


def offered(lease: Lease, size: int = 1000) -> Offer:
    result = offer(lease, size)
    assert result is not None
    return result


def ids(result: Offer) -> list[int]:
    return [message.id for message in result.messages]


def doubtful(message_id: int) -> Verdict:
    return Verdict(message_id, Status.IN_PROCESS, Reason.UNKNOWN, 1, "unknown", "timeout")


def test_it_offers_slice_by_slice_to_the_end(mailing: Mailing, claim_one: ClaimOne) -> None:
    lease = claim_one()
    slices = [offered(lease, 4) for _ in range(3)]
    assert [len(part.messages) for part in slices] == [4, 4, 2]
    assert [part.more for part in slices] == [True, True, False]
    assert [message for part in slices for message in ids(part)] == list(
        Message.objects.order_by("id").values_list("id", flat=True)
    )
    assert offer(lease, 4) is None


def test_an_offer_tells_how_late_it_is_and_how_long_it_holds(mailing: Mailing, claim_one: ClaimOne) -> None:
    result = offered(claim_one())
    assert 0 <= result.late < 30
    assert 3500 < result.seconds_left <= 3600
    assert all(message.first and message.tries == 0 for message in result.messages)


@pytest.mark.parametrize(
    "change",
    [
        {"owner": 99},
        {"epoch": 7},
        {"held": True},
        {"closing": Reason.WITHDRAWN},
        {"state": BatchState.READY},
        {"expires_at": datetime(2020, 1, 1, tzinfo=UTC)},
        {"lease_until": datetime(2020, 1, 1, tzinfo=UTC)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_it_offers_nothing_against_the_fence(mailing: Mailing, claim_one: ClaimOne, change: dict[str, object]) -> None:
    lease = claim_one()
    Batch.objects.update(**change)
    assert offer(lease, 4) is None


def test_settling_counts_what_was_really_written(mailing: Mailing, claim_one: ClaimOne) -> None:
    lease = claim_one()
    first, second, third, *_ = ids(offered(lease))
    rejected = Verdict(third, Status.NOT_SENT, Reason.REJECTED, 1, "rejected", "bad number")
    assert settle(lease, answers([first, second], rejected))
    assert settle(lease, answers([first]))  # said twice, written once
    assert counts([mailing.pk])[mailing.pk] == Counts(10, 7, 2, 1)
    assert list(Attempt.objects.values_list("message_id", "outcome", "detail")) == [(third, "rejected", "bad number")]
    assert Message.objects.get(pk=first).settled_at is not None


def test_a_late_settle_is_refused(mailing: Mailing, claim_one: ClaimOne, gateway: Gateway) -> None:
    late = claim_one()
    first, *_ = ids(offered(late))
    lapse(late.batch_id)
    assert rescue() == 1
    (current,) = claim(Pump(2, 15), gateway.pk, 1)
    assert settle(late, answers([first], late=[0.1])) is False
    assert counts([mailing.pk])[mailing.pk] == Counts(10, 10, 0, 0)
    release(late, 0)  # does nothing either
    assert settle(current, answers([first]))
    assert counts([mailing.pk])[mailing.pk] == Counts(10, 9, 1, 0)


def test_a_batch_with_everything_settled_closes(mailing: Mailing, claim_one: ClaimOne) -> None:
    lease = claim_one()
    settle(lease, answers([*ids(offered(lease))], late=[0.5] * 10))
    release(lease, 0)
    batch = Batch.objects.get()
    assert batch.state == BatchState.CLOSED
    assert batch.breakdown is not None
    assert batch.breakdown["codes"] == {"916": [0, 10, 0]}
    assert status_of(mailing.pk) == MailingStatus.FINISHED


def test_a_deferred_message_comes_back_alone_after_its_pause(
    mailing: Mailing, claim_one: ClaimOne, gateway: Gateway, pump: Pump
) -> None:
    lease = claim_one()
    first, *rest = ids(offered(lease))
    settle(lease, answers([*rest], Verdict(first, Status.IN_PROCESS, None, 1, "deferred", "503")))
    due_at = Batch.objects.get().due_at
    release(lease, 30)
    assert claim(pump, gateway.pk, 1) == []
    batch = Batch.objects.get()
    assert batch.due_at == due_at
    assert batch.next_at > datetime.now(UTC) + timedelta(seconds=20)
    Batch.objects.update(next_at=due_at)
    (again,) = claim(pump, gateway.pk, 1)
    (message,) = offered(again).messages
    assert (message.id, message.tries, message.first) == (first, 1, False)


def test_a_pause_after_a_failure_never_outlasts_the_deadline(mailing: Mailing, claim_one: ClaimOne) -> None:
    release(claim_one(), 1e6)
    batch = Batch.objects.get()
    assert batch.next_at == batch.expires_at


def test_what_was_offered_and_not_answered_is_in_doubt_after_a_crash(mailing: Mailing, claim_one: ClaimOne) -> None:
    lease = claim_one()
    first, second, third, fourth = ids(offered(lease, 4))
    settle(lease, answers([first], Verdict(second, Status.IN_PROCESS, None, 1, "deferred", "503")))
    lapse(lease.batch_id)
    rescue()
    assert set(Message.objects.filter(reason=Reason.UNKNOWN).values_list("id", flat=True)) == {third, fourth}
    assert set(Message.objects.filter(reason=Reason.UNKNOWN).values_list("status", flat=True)) == {Status.IN_PROCESS}
    batch = Batch.objects.get()
    assert (batch.state, batch.offered_to, batch.owner, batch.crashes) == (BatchState.READY, None, None, 1)
    assert len(ids(offered(claim_one()))) == 9


def test_doubt_is_the_end_where_the_gateway_does_not_know_repeats(
    mailing: Mailing, claim_one: ClaimOne, gateway: Gateway
) -> None:
    Gateway.objects.update(idempotent=False)
    lease = claim_one()
    doubt = ids(offered(lease, 4))
    lapse(lease.batch_id)
    rescue()
    assert (
        list(
            Message.objects.filter(status=Status.NOT_SENT, reason=Reason.UNKNOWN)
            .values_list("id", flat=True)
            .order_by("id")
        )
        == doubt
    )
    assert counts([mailing.pk])[mailing.pk] == Counts(10, 6, 0, 4)
    assert ids(offered(claim_one())) == list(
        Message.objects.filter(status=0).order_by("id").values_list("id", flat=True)
    )


def test_a_crash_before_anything_was_offered_leaves_no_doubt(mailing: Mailing, claim_one: ClaimOne) -> None:
    lapse(claim_one().batch_id)
    rescue()
    assert not Message.objects.filter(reason__isnull=False).exists()
    assert Batch.objects.get().crashes == 0


def test_a_batch_is_cut_between_what_failed_and_what_was_not_offered_yet(mailing: Mailing, claim_one: ClaimOne) -> None:
    lease = claim_one()
    first, second, third = ids(offered(lease, 3))
    deferred = Verdict(second, Status.IN_PROCESS, None, 1, "deferred", "503")
    settle(lease, answers([first, third], deferred, late=[0.5] * 3))
    release(lease, 30, cut=True)
    offered_part, rest = Batch.objects.order_by("id_from")
    assert (offered_part.id_from, offered_part.id_to, offered_part.total, offered_part.delivered) == (
        first,
        third,
        3,
        2,
    )
    assert (rest.id_from, rest.id_to, rest.total, rest.delivered) == (third + 1, lease.id_to, 7, 0)
    assert (sum(offered_part.lateness), rest.lateness) == (3, [])
    again = claim_one()  # the rest at once, the failed one in half a minute
    assert (again.batch_id, len(ids(offered(again)))) == (rest.pk, 7)
    assert counts([mailing.pk])[mailing.pk] == Counts(10, 8, 2, 0)


def test_what_was_settled_in_an_earlier_pass_goes_along_with_the_part_it_lies_in(
    mailing: Mailing, claim_one: ClaimOne
) -> None:
    lease = claim_one()
    every = ids(offered(lease))
    failed = [Verdict(id, Status.IN_PROCESS, None, 1, "deferred", "503") for id in (every[0], every[9])]
    refused = Verdict(every[8], Status.NOT_SENT, Reason.REJECTED, 1, "rejected", "no")
    settle(lease, answers(every[1:8], refused, *failed))
    release(lease, 0)
    lease = claim_one()
    assert ids(offered(lease, 1)) == [every[0]]
    settle(lease, answers([], replace(failed[0], tries=2)))
    release(lease, 30, cut=True)
    parts = list(Batch.objects.order_by("id_from").values_list("total", "delivered", "not_sent"))
    assert parts == [(1, 0, 0), (9, 7, 1)]


def test_a_slice_holds_as_many_unsettled_messages_as_were_asked_for(mailing: Mailing, claim_one: ClaimOne) -> None:
    lease = claim_one()
    every = ids(offered(lease))
    failed = [Verdict(id, Status.IN_PROCESS, None, 1, "deferred", "503") for id in (every[4], every[8])]
    settle(lease, answers(set(every) - {every[4], every[8]}, *failed))
    release(lease, 0)
    lease = claim_one()
    assert ids(offered(lease, 2)) == [every[4], every[8]]


@pytest.mark.parametrize(
    ("said", "ends_as"),
    [
        (None, (Status.DELIVERED, None)),
        ((Status.NOT_SENT, Reason.REJECTED), (Status.NOT_SENT, Reason.UNKNOWN)),
        ((Status.NOT_SENT, Reason.EXHAUSTED), (Status.NOT_SENT, Reason.UNKNOWN)),
        ((Status.IN_PROCESS, None), (Status.IN_PROCESS, Reason.UNKNOWN)),
    ],
)
def test_a_message_in_doubt_ends_as_delivered_or_unknown(
    mailing: Mailing,
    claim_one: ClaimOne,
    said: tuple[Status, Reason | None] | None,
    ends_as: tuple[Status, Reason | None],
) -> None:
    lease = claim_one()
    first, *_ = ids(offered(lease))
    settle(lease, answers([], doubtful(first)))
    settle(lease, answers([], Verdict(first, *said, 2, "deferred", "503")) if said else answers([first]))
    message = Message.objects.get(pk=first)
    assert (message.status, message.reason) == ends_as


def test_a_message_in_doubt_does_not_expire_but_stays_unknown(mailing: Mailing, claim_one: ClaimOne) -> None:
    lease = claim_one()
    first, *_ = ids(offered(lease))
    settle(lease, answers([], doubtful(first)))
    release(lease, 0)
    Batch.objects.update(expires_at=datetime.now(UTC))
    assert close.expire() == 1
    assert close.close_next()
    assert full(mailing)["not_sent_by_reason"] == {"unknown": 1, "expired": 9}
    assert counts([mailing.pk])[mailing.pk] == Counts(10, 0, 0, 10)


def test_after_two_crashes_it_is_offered_one_by_one_and_its_tries_name_the_culprit(
    mailing: Mailing, claim_one: ClaimOne
) -> None:
    for _ in range(2):
        lease = claim_one()
        assert not lease.careful
        offered(lease)
        lapse(lease.batch_id)
        rescue()
    lease = claim_one()
    good = ids(offered(lease, 1))
    settle(lease, answers([*good]))
    for _ in range(5):
        assert Message.objects.filter(status=Status.NOT_SENT).count() == 0
        assert lease.careful
        while not (culprit := ids(offered(lease, 1))):
            pass
        lapse(lease.batch_id)
        rescue()
        lease = claim_one()
    assert list(Message.objects.filter(status=Status.NOT_SENT).values_list("id", "reason")) == [
        (culprit[0], Reason.UNKNOWN)
    ]
    assert counts([mailing.pk])[mailing.pk] == Counts(10, 8, 1, 1)


def test_the_sweep_closes_what_is_past_its_deadline_also_when_paused(
    make_clients: MakeClients, make_mailing: Make
) -> None:
    make_clients(3)
    mailing = make_mailing()
    Batch.objects.update(held=True, expires_at=datetime.now(UTC))
    assert close.expire() == 1
    assert close.close_next()
    assert not close.close_next()
    assert set(Message.objects.values_list("status", "reason")) == {(Status.NOT_SENT, Reason.EXPIRED)}
    assert status_of(mailing.pk) == MailingStatus.FINISHED


def test_the_sweep_leaves_a_leased_batch_to_its_pump(mailing: Mailing, claim_one: ClaimOne) -> None:
    lease = claim_one()
    first, *_ = ids(offered(lease, 1))
    Batch.objects.update(expires_at=datetime.now(UTC))
    assert close.expire() == 0
    assert settle(lease, answers([first]))
    release(lease, 0)
    assert close.expire() == 1
    close.close_next()
    assert counts([mailing.pk])[mailing.pk] == Counts(10, 0, 1, 9)


def test_breakdowns_are_the_same_before_and_after_they_are_folded(
    mailing: Mailing, claim_one: ClaimOne, make_clients: MakeClients
) -> None:
    lease = claim_one()
    first, second, *_ = ids(offered(lease, 5))
    settle(
        lease,
        answers([first], Verdict(second, Status.NOT_SENT, Reason.REJECTED, 1, "rejected", "no"), late=[0.02, 2.0]),
    )
    live = full(mailing)
    assert live["by_operator_code"] == {"916": {"total": 10, "in_process": 8, "delivered": 1, "not_sent": 1}}
    assert live["by_timezone"] == {"Europe/Moscow": {"total": 10, "in_process": 8, "delivered": 1, "not_sent": 1}}
    assert live["not_sent_by_reason"] == {"rejected": 1}
    assert live["lateness_seconds"]["max"] == 2.0
    assert sum(minute["delivered"] + minute["not_sent"] for minute in live["per_minute"]) == 2
    assert fold() == 0
    settle(lease, answers([*Message.objects.filter(status=0).values_list("id", flat=True)]))
    release(lease, 0)
    before = full(mailing)
    assert fold() == 1
    mailing.refresh_from_db()
    assert mailing.breakdown is not None
    assert full(mailing) == before
    assert before["delivered"] == 9
