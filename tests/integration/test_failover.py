"""What moves between gateways, what stays, and who may be offered what."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from soroka.delivery.ports import Answers, Lease
from soroka.dispatch import chores
from soroka.domain.message import Reason, Status
from soroka.domain.verdict import Verdict
from soroka.models import Batch, Client, Gateway, Mailing, Message
from soroka.queue import close, hold
from soroka.queue.claim import Pump, claim
from soroka.queue.failover import move
from soroka.queue.offer import offer
from soroka.queue.release import release
from soroka.queue.rescue import rescue
from soroka.queue.settle import settle
from soroka.statistics.tally import Counts, counts
from tests.integration.conftest import answers, lapse, other_connection

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Mailing]
MakeClients = Callable[..., list[Client]]
ZONES = ("Europe/Moscow", "Asia/Omsk", "Asia/Tokyo")


def ago(seconds: float) -> datetime:
    return datetime.now(UTC) - timedelta(seconds=seconds)


DOWN: dict[str, Callable[[], dict[str, Any]]] = {
    "stopped": lambda: {"trouble": 1, "stopped_at": ago(1), "paused_until": ago(-20)},
    "left alone again and again": lambda: {"trouble": 3, "paused_until": ago(-4)},
    "left alone for long": lambda: {"trouble": 1, "paused_until": ago(-60)},
}
NOT_DOWN: dict[str, Callable[[], dict[str, Any]]] = {
    "well": lambda: {"trouble": 0, "paused_until": ago(3600)},
    "left alone for the second time": lambda: {"trouble": 2, "paused_until": ago(-4)},
    "being probed": lambda: {"trouble": 2, "paused_until": ago(5)},
}


@pytest.fixture
def backup(gateway: Gateway) -> Gateway:
    return Gateway.objects.create(name="backup")


@pytest.fixture
def mailing(make_clients: MakeClients, make_mailing: Make, backup: Gateway) -> Mailing:
    """A batch of four messages, due now at the first gateway."""
    make_clients(4)
    return make_mailing(fallbacks=[backup.pk])


def put(gateway: Gateway, **fares: Any) -> None:
    Gateway.objects.filter(pk=gateway.pk).update(**fares)


def stop(gateway: Gateway) -> None:
    """It is stopped, and not to be asked for a while."""
    put(gateway, **DOWN["stopped"]())


def mend(gateway: Gateway) -> None:
    """Its pause is over and a probe was answered."""
    put(gateway, paused_until=ago(1))
    hold.works_again(gateway.pk)


def where() -> list[str]:
    return list(Batch.objects.order_by("id").values_list("gateway__name", flat=True))


def take(gateway: Gateway, owner: int = 1) -> Lease:
    (lease,) = claim(Pump(owner, 15), gateway.pk, 1)
    return lease


def ids(lease: Lease, size: int = 1000) -> list[int]:
    result = offer(lease, size)
    assert result is not None
    return [message.id for message in result.messages]


def in_doubt(message_id: int) -> Verdict:
    return Verdict(message_id, Status.IN_PROCESS, Reason.UNKNOWN, 1, "unknown", "500")


def deferred(message_id: int) -> Verdict:
    return Verdict(message_id, Status.IN_PROCESS, None, 1, "deferred", "503")


def ended(message_id: int, reason: Reason) -> Verdict:
    return Verdict(message_id, Status.NOT_SENT, reason, 5, "rejected", "no")


def doubt_at(gateway: Gateway, number: int, owner: int = 1) -> list[int]:
    """Offer a batch at a gateway, of which the first messages come back in doubt and the others deferred."""
    lease = take(gateway, owner)
    offered = ids(lease)
    settle(lease, answers([], *map(in_doubt, offered[:number]), *map(deferred, offered[number:])))
    release(lease, 0)
    return offered[:number]


# --- What moves ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fares", DOWN.values(), ids=DOWN.keys())
def test_what_is_due_at_a_gateway_that_is_down_goes_to_the_next(
    mailing: Mailing, gateway: Gateway, backup: Gateway, fares: Callable[[], dict[str, Any]]
) -> None:
    put(gateway, **fares())
    assert move() == 1
    assert claim(Pump(1, 15), gateway.pk, 1) == []
    assert len(ids(take(backup))) == 4


@pytest.mark.parametrize("fares", NOT_DOWN.values(), ids=NOT_DOWN.keys())
def test_a_short_pause_moves_nothing(mailing: Mailing, gateway: Gateway, fares: Callable[[], dict[str, Any]]) -> None:
    put(gateway, **fares())
    assert move() == 0
    assert where() == ["default"]


def test_what_names_no_fallback_waits(make_clients: MakeClients, make_mailing: Make, gateway: Gateway) -> None:
    make_clients(1)
    make_mailing()
    stop(gateway)
    assert move() == 0


@pytest.mark.parametrize(
    "change",
    [
        {"held": True},
        {"state": 1, "lease_until": datetime(2100, 1, 1, tzinfo=UTC)},
        {"state": 2, "closing": Reason.WITHDRAWN},
        {"due_at": datetime(2100, 1, 1, tzinfo=UTC)},
    ],
    ids=["paused", "leased", "withdrawn", "not due"],
)
def test_what_is_not_waiting_for_the_gateway_stays(mailing: Mailing, gateway: Gateway, change: dict[str, Any]) -> None:
    Batch.objects.update(**change)
    stop(gateway)
    assert move() == 0


def test_the_order_of_the_mailing_decides(
    make_clients: MakeClients, make_mailing: Make, gateway: Gateway, backup: Gateway
) -> None:
    third = Gateway.objects.create(name="third")
    make_clients(1)
    make_mailing(fallbacks=[third.pk, backup.pk])
    make_mailing(fallbacks=[backup.pk, third.pk])
    stop(gateway)
    assert move() == 2
    assert where() == ["third", "backup"]
    stop(third)
    assert move() == 1
    assert where() == ["backup", "backup"]


def test_nothing_moves_where_none_works(mailing: Mailing, gateway: Gateway, backup: Gateway) -> None:
    stop(gateway)
    stop(backup)
    assert move() == 0
    assert where() == ["default"]


def test_it_goes_back_to_the_first_only_if_its_own_gateway_is_down(
    mailing: Mailing, gateway: Gateway, backup: Gateway
) -> None:
    stop(gateway)
    move()
    mend(gateway)
    assert move() == 0
    assert where() == ["backup"]
    stop(backup)
    assert move() == 1
    assert where() == ["default"]


def test_the_pauses_of_one_gateway_are_not_the_next_ones(mailing: Mailing, gateway: Gateway, backup: Gateway) -> None:
    lease = take(gateway)
    settle(lease, answers([], *map(deferred, ids(lease))))
    release(lease, 600)
    stop(gateway)
    move()
    assert len(ids(take(backup))) == 4
    assert set(Message.objects.values_list("tries", flat=True)) == {1}


def test_it_moves_as_many_as_it_is_told_the_oldest_first(
    make_clients: MakeClients, make_mailing: Make, gateway: Gateway, backup: Gateway
) -> None:
    for zone in ZONES:
        make_clients(1, zone=zone)
    make_mailing(fallbacks=[backup.pk])
    stop(gateway)
    assert move(limit=2) == 2
    assert where() == ["backup", "backup", "default"]


def test_a_fallback_that_was_removed_is_passed_over(
    make_clients: MakeClients, make_mailing: Make, gateway: Gateway, backup: Gateway
) -> None:
    make_clients(1)
    make_mailing(fallbacks=[30_000, backup.pk])
    stop(gateway)
    move()
    assert where() == ["backup"]


def test_the_tick_moves_and_rings(mailing: Mailing, gateway: Gateway) -> None:
    stop(gateway)
    assert chores.tick().batches
    assert where() == ["backup"]


# --- How it is found out that the first one is well again ------------------------------------------------------------


def test_a_gateway_that_may_be_probed_keeps_one_batch_to_be_probed_with(
    make_clients: MakeClients, make_mailing: Make, gateway: Gateway, backup: Gateway
) -> None:
    for zone in ZONES:
        make_clients(1, zone=zone)
    make_mailing(fallbacks=[backup.pk])
    put(gateway, trouble=3, paused_until=ago(0))
    assert move() == 2
    assert sorted(where()) == ["backup", "backup", "default"]
    assert move() == 0
    probe = take(gateway)
    assert move() == 0  # what is leased stays
    make_mailing(fallbacks=[backup.pk])
    assert move() == 3  # somebody asks already
    release(probe, 0)
    put(gateway, paused_until=ago(-10))
    assert move() == 1


def test_what_cannot_move_is_probe_enough(
    make_clients: MakeClients, make_mailing: Make, gateway: Gateway, backup: Gateway
) -> None:
    make_clients(1)
    make_mailing()
    make_mailing(fallbacks=[backup.pk])
    put(gateway, trouble=3, paused_until=ago(0))
    assert move() == 1
    assert where() == ["default", "backup"]


def test_a_gateway_whose_probes_hang_is_down(
    make_clients: MakeClients, make_mailing: Make, gateway: Gateway, backup: Gateway
) -> None:
    make_clients(1)
    make_mailing(fallbacks=[backup.pk])
    take(gateway)  # the probe
    make_mailing(fallbacks=[backup.pk])
    put(gateway, trouble=1, paused_until=ago(10))
    assert move() == 0
    put(gateway, paused_until=ago(25))
    assert move() == 1


# --- Doubt -----------------------------------------------------------------------------------------------------------


def test_what_is_in_doubt_is_offered_to_nobody_else_and_goes_home(
    mailing: Mailing, gateway: Gateway, backup: Gateway
) -> None:
    doubtful = doubt_at(gateway, 2)
    stop(gateway)
    assert move() == 1
    lease = take(backup)
    others = ids(lease)
    assert len(others) == 2
    assert not set(others) & set(doubtful)
    settle(lease, answers(others))
    release(lease, 0)
    assert where() == ["default"]
    assert move() == 0  # it is in doubt there
    assert claim(Pump(1, 15), backup.pk, 1) == []
    mend(gateway)
    home = take(gateway)
    assert ids(home) == doubtful
    settle(home, answers(doubtful))
    release(home, 0)
    assert counts([mailing.pk])[mailing.pk] == Counts(4, 0, 4, 0)
    sent_by = {message.pk: str(message.sender) for message in Message.objects.all()}
    assert sent_by == dict.fromkeys(doubtful, "default") | dict.fromkeys(others, "backup")


def test_a_batch_that_is_all_in_doubt_stays(mailing: Mailing, gateway: Gateway) -> None:
    doubt_at(gateway, 4)
    stop(gateway)
    assert move() == 0


def test_what_a_crash_left_in_doubt_is_offered_to_nobody_else(
    mailing: Mailing, gateway: Gateway, backup: Gateway
) -> None:
    lease = take(gateway)
    doubtful = ids(lease, 2)
    lapse(lease.batch_id)
    rescue()
    stop(gateway)
    move()
    again = take(backup)
    others = ids(again)
    assert len(others) == 2
    lapse(again.batch_id)
    rescue()  # a crash at the second one, too
    sent_by = dict(Message.objects.filter(reason=Reason.UNKNOWN).values_list("id", "gateway__name"))
    assert sent_by == dict.fromkeys(doubtful, "default") | dict.fromkeys(others, "backup")


def test_a_crash_blames_no_message_that_was_not_on_offer(mailing: Mailing, gateway: Gateway, backup: Gateway) -> None:
    lease = take(gateway)
    first, second, *_ = ids(lease)
    settle(lease, answers([], in_doubt(second)))
    release(lease, 0)
    stop(gateway)
    move()
    Batch.objects.update(crashes=5)
    Message.objects.update(tries=4)
    lease = take(backup)
    assert [ids(lease, 1), ids(lease, 1)] == [[first], []]
    lapse(lease.batch_id)
    rescue()
    message = Message.objects.get(pk=second)
    assert (message.status, message.tries) == (Status.IN_PROCESS, 4)


def test_doubt_at_two_gateways_goes_to_one_after_the_other(mailing: Mailing, gateway: Gateway, backup: Gateway) -> None:
    first = doubt_at(gateway, 2)
    stop(gateway)
    move()
    second = doubt_at(backup, 2)
    assert where() == ["backup"]
    lease = take(backup)
    assert ids(lease) == second
    settle(lease, answers(second))
    release(lease, 0)
    mend(gateway)
    assert ids(take(gateway)) == first


def test_doubt_at_two_gateways_that_are_down_bothers_no_third(
    make_clients: MakeClients, make_mailing: Make, gateway: Gateway, backup: Gateway
) -> None:
    third = Gateway.objects.create(name="third")
    make_clients(4)
    make_mailing(fallbacks=[third.pk, backup.pk])
    stop(third)
    doubt_at(gateway, 2)
    stop(gateway)
    move()
    doubt_at(backup, 2)
    stop(backup)
    mend(third)
    assert move() == 0
    mend(gateway)
    assert move() == 1
    assert where() == ["default"]


def test_doubt_that_expires_elsewhere_is_unknown_where_it_arose(
    mailing: Mailing, gateway: Gateway, backup: Gateway
) -> None:
    doubt_at(gateway, 1)
    stop(gateway)
    move()
    Batch.objects.update(expires_at=ago(0))
    close.expire()
    close.close_next()
    ended = Message.objects.order_by("id").values_list("status", "reason", "gateway__name")
    assert list(ended) == [(2, Reason.UNKNOWN, "default"), *[(2, Reason.EXPIRED, None)] * 3]


def test_whether_doubt_is_the_end_is_for_the_gateway_to_say_where_it_arose(
    mailing: Mailing, gateway: Gateway, backup: Gateway
) -> None:
    doubtful = doubt_at(gateway, 2)
    stop(gateway)
    move()

    def pass_by(*, first: bool, second: bool) -> set[tuple[int, int | None, str]]:
        """Claim and release it, while the gateways know a repeat or not."""
        put(gateway, idempotent=first)
        put(backup, idempotent=second)
        lease = take(backup)
        assert ids(lease, 2) == []
        release(lease, 0)
        return set(Message.objects.filter(pk__in=doubtful).values_list("status", "reason", "gateway__name"))

    assert pass_by(first=True, second=False) == {(Status.IN_PROCESS, Reason.UNKNOWN, "default")}
    assert pass_by(first=False, second=True) == {(Status.NOT_SENT, Reason.UNKNOWN, "default")}


def test_doubt_that_names_no_gateway_is_that_of_its_batch(mailing: Mailing, gateway: Gateway) -> None:
    """As it was left by a version that did not keep the gateway."""
    doubtful = doubt_at(gateway, 2)
    Message.objects.update(gateway=None)
    Message.objects.filter(pk=doubtful[1] + 1).update(recalled=Reason.OPTED_OUT)
    lease = take(gateway)
    assert ids(lease) == [*doubtful, doubtful[1] + 2]
    release(lease, 0)
    assert where() == ["default"]
    assert set(Message.objects.filter(pk__in=doubtful).values_list("status", flat=True)) == {Status.IN_PROCESS}


# --- The ledger ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "gateway_name"),
    [
        (lambda message: answers([message]), "default"),
        (lambda message: answers([], ended(message, Reason.REJECTED)), "default"),
        (lambda message: answers([], ended(message, Reason.EXHAUSTED)), "default"),
        (lambda message: answers([], in_doubt(message)), "default"),
        (lambda message: answers([], deferred(message)), None),
    ],
    ids=["accepted", "rejected", "exhausted", "in doubt", "deferred"],
)
def test_a_message_says_who_has_it(
    mailing: Mailing, gateway: Gateway, said: Callable[[int], Answers], gateway_name: str | None
) -> None:
    lease = take(gateway)
    first, *_ = ids(lease)
    settle(lease, said(first))
    sender = Message.objects.get(pk=first).sender
    assert (sender and sender.name) == gateway_name


# --- Races -----------------------------------------------------------------------------------------------------------


def test_a_batch_that_is_being_claimed_is_not_moved(mailing: Mailing, gateway: Gateway) -> None:
    with other_connection() as other, transaction.atomic():
        take(gateway)
        other(stop, gateway).result(10)
        assert other(move).result(10) == 0


def test_a_batch_that_is_being_moved_is_not_claimed(mailing: Mailing, gateway: Gateway, backup: Gateway) -> None:
    stop(gateway)
    with other_connection() as other, transaction.atomic():
        assert move() == 1
        put(gateway, paused_until=ago(0))
        assert other(claim, Pump(1, 15), gateway.pk, 1).result(10) == []


def to_and_fro(one: Gateway, other: Gateway) -> None:
    """Move what nobody holds between two gateways, far more often than it can be claimed."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DO $$ BEGIN FOR i IN 1..500 LOOP UPDATE soroka_batch SET gateway_id = {one.pk + other.pk} - gateway_id"
            " WHERE state = 0; COMMIT; PERFORM pg_sleep(0.0005); END LOOP; END $$"
        )


def test_a_gateway_never_gets_the_lease_of_a_batch_that_just_left_it(
    mailing: Mailing, gateway: Gateway, backup: Gateway
) -> None:
    with other_connection() as other:
        moving = other(to_and_fro, gateway, backup)
        while not moving.done():
            for lease in claim(Pump(1, 15), gateway.pk, 1):
                assert Batch.objects.get(pk=lease.batch_id).gateway_id == gateway.pk
                release(lease, 0)
        moving.result()
