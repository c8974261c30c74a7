"""At most so many messages to one client in so many days."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from soroka.audience.filter import Filter
from soroka.delivery.ports import Lease
from soroka.domain.cap import Cap
from soroka.domain.message import BatchState, MailingStatus, Reason, Status
from soroka.domain.verdict import Verdict
from soroka.models import Batch, Client, Mailing, Message
from soroka.models.status import status_of
from soroka.planning import launch
from soroka.planning.cap import neighbours
from soroka.planning.revise import revise
from soroka.queue.close import close_next
from soroka.queue.offer import offer
from soroka.queue.settle import settle
from soroka.queue.withdraw import cancel
from soroka.statistics import tally
from tests.integration.conftest import answers, other_connection, wait_until_blocked

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Mailing]
MakeClients = Callable[..., list[Client]]
ONCE_A_WEEK = Cap(1, 7)


def fates(mailing: Mailing) -> list[tuple[int, int | None]]:
    """Status and reason of its messages, by client."""
    rows = Message.objects.filter(mailing=mailing).order_by("client_id")
    return [(Status(message.status), message.reason) for message in rows]


WAITS = (Status.IN_PROCESS, None)
CAPPED = (Status.NOT_SENT, Reason.CAPPED)


def test_who_has_had_enough_gets_no_more_and_the_others_do(make_clients: MakeClients, make_mailing: Make) -> None:
    make_clients(2, tag_ids=[1])
    make_mailing()
    make_clients(3)
    second = make_mailing(cap=ONCE_A_WEEK)
    assert fates(second) == [CAPPED, CAPPED, WAITS, WAITS, WAITS]
    batches = Batch.objects.filter(mailing=second).order_by("not_sent").values_list("total", "not_sent", "state")
    assert list(batches) == [(3, 0, BatchState.READY), (2, 2, BatchState.CLOSING)]


def test_statistics_of_a_capped_mailing_are_exact(make_clients: MakeClients, make_mailing: Make) -> None:
    make_clients(4)
    make_mailing()
    mailing = make_mailing(cap=ONCE_A_WEEK)
    assert close_next()
    assert not close_next()
    assert status_of(mailing.pk) == MailingStatus.FINISHED
    tally.fold()
    mailing.refresh_from_db()
    found = tally.full(mailing)
    assert (found["total"], found["in_process"], found["not_sent"]) == (4, 0, 4)
    assert found["not_sent_by_reason"] == {"capped": 4}


def test_a_mailing_without_a_cap_is_planned_whatever_was_before(make_clients: MakeClients, make_mailing: Make) -> None:
    make_clients(1)
    make_mailing(cap=ONCE_A_WEEK)
    assert fates(make_mailing()) == [WAITS]


@pytest.mark.parametrize(
    ("others", "cap", "expected"),
    [
        ([-7], Cap(1, 7), WAITS),
        ([-6.999], Cap(1, 7), CAPPED),
        ([6.999], Cap(1, 7), CAPPED),
        ([7], Cap(1, 7), WAITS),
        ([-6, 6], Cap(2, 7), WAITS),  # no seven days have all three
        ([-4, 2], Cap(2, 7), CAPPED),
        ([-6, -5, 6], Cap(3, 7), WAITS),
        ([1, 2, 3], Cap(3, 7), CAPPED),
        ([-1, -1, 1], Cap(4, 7), WAITS),
    ],
)
def test_no_stretch_of_the_days_has_more_than_the_messages(
    make_clients: MakeClients, make_mailing: Make, others: list[float], cap: Cap, expected: tuple[int, int | None]
) -> None:
    make_clients(1)
    middle = datetime.now(UTC) + timedelta(days=20)

    def at(days: float, cap: Cap | None) -> Mailing:
        starts_at = middle + timedelta(days=days)
        return make_mailing(starts_at=starts_at, ends_at=starts_at + timedelta(hours=1), cap=cap)

    for days in others:
        at(days, None)
    assert fates(at(0, cap)) == [expected]


def put_off(mailing: Mailing, to: datetime) -> None:
    """What its window closed for waits for a later opening."""
    Batch.objects.filter(mailing=mailing).update(opens_at=to, next_at=to)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(-3, WAITS), (0, WAITS), (1, WAITS), (1.001, CAPPED), (8, CAPPED), (9, CAPPED), (14.999, CAPPED), (15, WAITS)],
)
def test_what_is_put_off_counts_when_its_window_opens_again(
    make_clients: MakeClients, make_mailing: Make, days: float, expected: tuple[int, int | None]
) -> None:
    make_clients(1)
    due = datetime.now(UTC) + timedelta(days=20)
    late = make_mailing(starts_at=due, ends_at=due + timedelta(days=30))
    put_off(late, due + timedelta(days=8))
    starts_at = due + timedelta(days=days)
    mailing = make_mailing(starts_at=starts_at, ends_at=starts_at + timedelta(hours=1), cap=ONCE_A_WEEK)
    assert fates(mailing) == [expected]
    others = [other.at for other in neighbours(Message.objects.get(mailing=mailing), ONCE_A_WEEK)]
    assert others == ([due + timedelta(days=8)] if expected == CAPPED else [])


def test_what_was_sent_before_the_rest_was_put_off_counts_when_it_was(
    make_clients: MakeClients, make_mailing: Make, claim_one: Callable[[], Lease]
) -> None:
    make_clients(2)
    late = make_mailing(ends_in=30 * 86400)
    lease = claim_one()
    offered = offer(lease, 1)
    assert offered is not None
    settle(lease, answers([offered.messages[0].id]))
    put_off(late, datetime.now(UTC) + timedelta(days=9))
    assert fates(make_mailing(starts_in=3600, ends_in=7200, cap=ONCE_A_WEEK)) == [CAPPED, WAITS]


def verdict(message_id: int, status: Status, reason: Reason | None) -> Verdict:
    return Verdict(message_id, status, reason, 1, "said", "")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (lambda message: answers([message]), CAPPED),
        (lambda message: answers([], verdict(message, Status.IN_PROCESS, None)), CAPPED),
        (lambda message: answers([], verdict(message, Status.IN_PROCESS, Reason.UNKNOWN)), CAPPED),
        (lambda message: answers([], verdict(message, Status.NOT_SENT, Reason.UNKNOWN)), CAPPED),
        (lambda message: answers([], verdict(message, Status.NOT_SENT, Reason.REJECTED)), WAITS),
    ],
    ids=["delivered", "in process", "in doubt", "unknown", "rejected"],
)
def test_what_came_or_may_come_counts(
    make_clients: MakeClients, make_mailing: Make, claim_one: Callable[[], Lease], said: Callable[[int], object],
    expected: tuple[int, int | None],
) -> None:  # fmt: skip
    make_clients(1)
    make_mailing()
    lease = claim_one()
    offered = offer(lease, 1)
    assert offered is not None
    settle(lease, said(offered.messages[0].id))  # type: ignore[arg-type]
    assert fates(make_mailing(cap=ONCE_A_WEEK)) == [expected]


def test_what_is_cancelled_gives_its_place_back_at_once(make_clients: MakeClients, make_mailing: Make) -> None:
    make_clients(1)
    first = make_mailing()
    assert fates(make_mailing(cap=ONCE_A_WEEK)) == [CAPPED]
    cancel(first.pk)
    assert fates(make_mailing(cap=ONCE_A_WEEK)) == [WAITS]


def test_what_is_planned_anew_counts_where_it_is_now(make_clients: MakeClients, make_mailing: Make) -> None:
    make_clients(1)
    now = datetime.now(UTC)
    first = make_mailing(starts_in=3600, ends_in=7200)
    capped = make_mailing(starts_in=1800, ends_in=7200, cap=ONCE_A_WEEK)
    assert fates(capped) == [CAPPED]
    revise(first.pk, {"starts_at": now + timedelta(days=8), "ends_at": now + timedelta(days=9)})
    assert launch.plan(first.pk, seconds=60)
    assert fates(capped) == [CAPPED]  # what is settled stays so
    revise(capped.pk, {"cap": Cap(1, 6)})
    assert launch.plan(capped.pk, seconds=60)
    assert fates(capped) == [WAITS]


def test_two_planners_at_once_see_each_other(make_clients: MakeClients, make_mailing: Make) -> None:
    make_clients(3)
    first, second = (make_mailing(planned=False, cap=ONCE_A_WEEK) for _ in range(2))
    with other_connection() as elsewhere:
        with transaction.atomic():
            launch.plan(first.pk, seconds=60)
            there = elsewhere(launch.plan, second.pk, seconds=60)
            wait_until_blocked()
        assert there.result(10)
    assert (fates(first), fates(second)) == ([WAITS] * 3, [CAPPED] * 3)


def test_planners_that_race_never_exceed_the_cap_together(make_clients: MakeClients, make_mailing: Make) -> None:
    clients = make_clients(400)
    racing = [make_mailing(planned=False, cap=Cap(2, 7)).pk for _ in range(4)]
    Mailing.objects.update(slice_width=40, planned_to=clients[0].pk - 1)

    def plan_slice_by_slice(mailing_id: int) -> None:
        while not launch.plan(mailing_id, seconds=0):
            pass
        connection.close()

    with ThreadPoolExecutor(4) as planners:
        list(planners.map(plan_slice_by_slice, racing))
    for client in clients:
        his = Message.objects.filter(client=client).values_list("status", flat=True)
        assert sorted(his) == [Status.IN_PROCESS] * 2 + [Status.NOT_SENT] * 2


def test_it_caps_whom_a_count_by_hand_caps(make_clients: MakeClients, make_mailing: Make) -> None:
    """Mailings at random moments to random clients, judged by looking at every stretch of days that has the moment."""
    drawn = random.Random(6)
    clients = make_clients(12)
    now = datetime.now(UTC)
    had: dict[int, list[datetime]] = {client.pk: [] for client in clients}
    for _ in range(40):
        chosen = drawn.sample(clients, 8)
        Client.objects.update(tag_ids=[])
        Client.objects.filter(pk__in=[client.pk for client in chosen]).update(tag_ids=[1])
        cap = Cap(drawn.randint(1, 4), drawn.randint(1, 6)) if drawn.random() < 0.8 else None
        starts_at = now + timedelta(hours=drawn.randint(1, 24 * 12))
        mailing = make_mailing(
            audience=Filter(tag_ids=(1,)), cap=cap, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1)
        )
        for client in sorted(chosen, key=lambda client: client.pk):
            room = cap is None or _has_room(cap, had[client.pk], starts_at)
            message = Message.objects.get(mailing=mailing, client=client)
            assert (Status(message.status), message.reason) == (WAITS if room else CAPPED)
            if room:
                had[client.pk].append(starts_at)


def _has_room(cap: Cap, had: list[datetime], new: datetime) -> bool:
    days = timedelta(days=cap.days)
    moments = [*had, new]
    return all(
        sum(begin <= each < begin + days for each in moments) <= cap.messages
        for begin in moments
        if begin <= new < begin + days
    )


def test_it_names_what_left_no_room(make_clients: MakeClients, make_mailing: Make) -> None:
    (client,) = make_clients(1)
    first = make_mailing(name="Весна")
    mailing = make_mailing(cap=ONCE_A_WEEK)
    make_mailing()
    [other] = neighbours(Message.objects.get(mailing=mailing), ONCE_A_WEEK)
    assert (other.mailing, other.name) == (first.pk, "Весна")
    assert other.message == Message.objects.get(mailing=first, client=client).pk
