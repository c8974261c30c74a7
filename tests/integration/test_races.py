"""What happens between two steps of the engine: somebody opts out, edits, or comes from another process."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from soroka import tasks
from soroka.delivery.ports import Answers, Lease
from soroka.dispatch import chores
from soroka.domain.message import Reason, Status
from soroka.domain.verdict import Verdict
from soroka.models import Attempt, Batch, Client, Gateway, Mailing, Message, Zone
from soroka.planning import launch
from soroka.planning.launch import plan
from soroka.planning.revise import remove, revise
from soroka.queue import close, hold
from soroka.queue.claim import any_due, next_due
from soroka.queue.offer import offer
from soroka.queue.release import release
from soroka.queue.rescue import rescue
from soroka.queue.settle import settle
from soroka.queue.withdraw import cancel, change_phone, withdraw_client
from soroka.statistics import tally
from soroka.statistics.tally import Counts, counts
from tests.integration.conftest import answers, lapse, other_connection, wait_until_blocked

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Mailing]
MakeClients = Callable[..., list[Client]]
ClaimOne = Callable[[], Lease]


def ids(lease: Lease, size: int = 1000) -> list[int]:
    result = offer(lease, size)
    assert result is not None
    return [message.id for message in result.messages]


def deferred(message_id: int) -> Verdict:
    return Verdict(message_id, Status.IN_PROCESS, None, 1, "deferred", "503")


def in_doubt(message_id: int) -> Verdict:
    return Verdict(message_id, Status.IN_PROCESS, Reason.UNKNOWN, 1, "unknown", "500")


def opt_out(client: Client) -> int:
    with transaction.atomic():
        return withdraw_client(client.pk, Reason.OPTED_OUT)


@pytest.fixture
def in_flight(make_clients: MakeClients, make_mailing: Make, claim_one: ClaimOne) -> tuple[Client, Lease, int]:
    """A client, and the lease and the id of his message, which was offered and not answered yet."""
    (client,) = make_clients(1)
    make_mailing()
    lease = claim_one()
    (message,) = ids(lease)
    return client, lease, message


def outcome_of(message_id: int) -> tuple[int, int | None]:
    message = Message.objects.get(pk=message_id)
    return message.status, message.reason


# --- Opting out while the message is in flight -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "ends_as"),
    [
        (lambda message: answers([message]), (Status.DELIVERED, None)),
        (lambda message: answers([], deferred(message)), (Status.NOT_SENT, Reason.OPTED_OUT)),
        (lambda message: answers([], in_doubt(message)), (Status.NOT_SENT, Reason.UNKNOWN)),
    ],
    ids=["accepted", "deferred", "unknown"],
)
def test_who_opts_out_in_flight_is_not_offered_a_repeat(
    in_flight: tuple[Client, Lease, int], said: Callable[[int], Answers], ends_as: object
) -> None:
    client, lease, message = in_flight
    assert opt_out(client) == 0
    settle(lease, said(message))
    release(lease, 0)
    assert outcome_of(message) == ends_as
    assert tally.overall().in_process == 0


def test_who_opts_out_while_passed_but_never_sent_is_opted_out(in_flight: tuple[Client, Lease, int]) -> None:
    client, lease, message = in_flight
    opt_out(client)
    release(lease, 0)  # the pump was told to stop before it came to it
    assert outcome_of(message) == (Status.NOT_SENT, Reason.OPTED_OUT)


def test_who_opts_out_and_whose_worker_dies_is_unknown(in_flight: tuple[Client, Lease, int]) -> None:
    client, lease, message = in_flight
    opt_out(client)
    lapse(lease.batch_id)
    rescue()
    assert outcome_of(message) == (Status.NOT_SENT, Reason.UNKNOWN)


def test_a_repeat_goes_to_the_new_number(in_flight: tuple[Client, Lease, int], claim_one: ClaimOne) -> None:
    client, lease, message = in_flight
    with transaction.atomic():
        change_phone(client.pk, 79990000000, 999)
    settle(lease, answers([], deferred(message)))
    release(lease, 0)
    again = offer(claim_one(), 10)
    assert again is not None
    assert [repeat.phone for repeat in again.messages] == [79990000000]


def test_an_opt_out_does_not_keep_planning_waiting_for_an_import(make_clients: MakeClients, make_mailing: Make) -> None:
    (client,) = make_clients(1)
    mailing = make_mailing(planned=False)
    with other_connection() as opting, other_connection() as planning:
        with transaction.atomic():
            Client.objects.select_for_update().get(pk=client.pk)  # as a long import does
            waiting = opting(opt_out, client)
            wait_until_blocked()
            assert planning(plan, mailing.pk, seconds=60).result(10)
        assert waiting.result(10) == 1


# --- Doubt, deadlines, gateways --------------------------------------------------------------------------------------


def test_a_gateway_that_forgets_ids_is_not_offered_what_is_in_doubt(
    make_clients: MakeClients, make_mailing: Make, claim_one: ClaimOne
) -> None:
    make_clients(2)
    mailing = make_mailing()
    lease = claim_one()
    first, second = ids(lease)
    settle(lease, answers([], in_doubt(first)))
    lapse(lease.batch_id)
    rescue()
    Gateway.objects.update(idempotent=False)
    Message.objects.filter(pk=second).update(reason=None)  # only the first is in doubt
    assert ids(claim_one()) == [second]
    assert outcome_of(first) == (Status.NOT_SENT, Reason.UNKNOWN)
    assert counts([mailing.pk])[mailing.pk] == Counts(2, 1, 0, 1)


def test_nothing_is_claimed_or_offered_so_late_that_it_could_not_arrive(
    make_clients: MakeClients, make_mailing: Make, claim_one: ClaimOne, gateway: Gateway
) -> None:
    make_clients(1)
    make_mailing()
    lease = claim_one()
    Batch.objects.update(expires_at=datetime.now(UTC) + timedelta(seconds=3))
    assert offer(lease, 10, transit=3.5) is None
    assert Batch.objects.get().first_offered_at is None
    release(lease, 0)
    assert next_due(gateway.pk, transit=3.5) is None
    assert next_due(gateway.pk, transit=0.5) is not None


def test_what_has_expired_is_due_to_nobody(make_clients: MakeClients, make_mailing: Make, gateway: Gateway) -> None:
    make_clients(1)
    make_mailing()
    Batch.objects.update(expires_at=datetime.now(UTC))
    assert next_due(gateway.pk) is None
    assert not any_due(ahead=1)


def test_a_pause_that_a_gateway_asked_for_holds_what_is_leased_already(
    make_clients: MakeClients, make_mailing: Make, claim_one: ClaimOne, gateway: Gateway
) -> None:
    make_clients(10)
    make_mailing()
    lease = claim_one()
    assert len(ids(lease, 5)) == 5
    hold.leave_alone(gateway.pk, 600, "429", stop=False)
    assert offer(lease, 5) is None


def test_lateness_is_counted_at_the_first_offer_only(
    make_clients: MakeClients, make_mailing: Make, claim_one: ClaimOne
) -> None:
    make_clients(1)
    make_mailing()
    lease = claim_one()
    (message,) = ids(lease)
    settle(lease, answers([], Verdict(message, Status.IN_PROCESS, None, 0, "deferred", "429"), late=[0.1]))
    release(lease, 0)
    again = offer(claim_one(), 10)
    assert again is not None
    assert [repeat.first for repeat in again.messages] == [False]


# --- Editing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [cancel, remove])
def test_an_edited_mailing_that_is_ended_leaves_no_message_behind(
    make_clients: MakeClients, make_mailing: Make, end: Callable[[int], None]
) -> None:
    make_clients(5)
    mailing = make_mailing(starts_in=600)
    revise(mailing.pk, {"text": "Другой текст"})  # and not planned anew yet
    end(mailing.pk)
    chores.tick()
    assert not Message.objects.filter(status=Status.IN_PROCESS).exists()
    assert tally.overall() == Counts()


def test_an_opt_out_that_waited_for_an_edit_finds_nothing_and_is_kept(
    make_clients: MakeClients, make_mailing: Make
) -> None:
    (client,) = make_clients(1)
    mailing = make_mailing(starts_in=600)
    with other_connection() as other:
        with transaction.atomic():
            revise(mailing.pk, {"text": "Другой текст"})
            opting_out = other(opt_out, client)
            wait_until_blocked()
        assert opting_out.result(10) == 0


def test_a_mailing_that_is_edited_while_it_would_be_folded_keeps_no_stale_breakdown(
    make_clients: MakeClients, make_mailing: Make
) -> None:
    (client,) = make_clients(1)
    mailing = make_mailing()
    Batch.objects.update(expires_at=datetime.now(UTC))
    close.expire()
    close.close_next()
    with other_connection() as folding, transaction.atomic():
        revise(mailing.pk, {"ends_at": datetime.now(UTC) + timedelta(hours=1)})
        assert folding(tally.fold).result(10) == 0  # it is being edited: the next tick looks again
    plan(mailing.pk, seconds=60)
    mailing.refresh_from_db()
    assert mailing.breakdown is None
    assert opt_out(client) == 1


def test_breakdowns_count_a_batch_that_closes_meanwhile_once(
    make_clients: MakeClients, make_mailing: Make, claim_one: ClaimOne, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_clients(10)
    mailing = make_mailing()
    lease = claim_one()
    settle(lease, answers([*ids(lease)]))
    real = tally.measure

    def and_close(ranges: list[tuple[int, int]]) -> object:
        measured = real(ranges)
        release(lease, 0)
        return measured

    monkeypatch.setattr(tally, "measure", and_close)
    assert tally.full(mailing)["by_operator_code"]["916"]["delivered"] == 10


# --- Planning and doorbells ------------------------------------------------------------------------------------------


def test_a_client_whose_zone_is_new_is_planned_as_well(
    make_clients: MakeClients, make_mailing: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = make_clients(2)
    mailing = make_mailing(planned=False)
    real = launch.moments_of_zones
    moves = iter([lambda: Client.objects.filter(pk=first.pk).update(zone=Zone.objects.create(name="Asia/Omsk"))])

    with other_connection() as other:

        def and_move(mailing: Mailing) -> dict[str, object]:
            found = real(mailing)
            if move := next(moves, None):
                other(move).result(10)
            return found

        monkeypatch.setattr(launch, "moments_of_zones", and_move)
        assert plan(mailing.pk, seconds=60)
    assert counts([mailing.pk])[mailing.pk].total == 2


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    signals: list[str] = []
    monkeypatch.setattr(tasks, "_ring", lambda task, *_: signals.append(task.name.rpartition(".")[2]) is None)
    return signals


def test_a_planner_that_finds_another_at_work_rings_for_nobody(
    make_clients: MakeClients, make_mailing: Make, rung: list[str]
) -> None:
    make_clients(1)
    mailing = make_mailing(planned=False)
    taken, go = threading.Event(), threading.Event()

    def hold_mailing() -> None:
        with transaction.atomic():
            Mailing.objects.select_for_update().get(pk=mailing.pk)
            taken.set()
            go.wait(20)

    with other_connection() as other:
        holding = other(hold_mailing)
        assert taken.wait(10)
        tasks.plan(mailing.pk)
        go.set()
        holding.result(10)
    assert "plan" not in rung


def test_a_planner_whose_time_is_over_rings_for_the_rest(
    make_clients: MakeClients, make_mailing: Make, rung: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clients = make_clients(20)
    mailing = make_mailing(planned=False)
    Mailing.objects.update(slice_width=10, planned_to=clients[0].pk - 1)
    monkeypatch.setattr(tasks, "_PLANNING_SECONDS", 0)
    tasks.plan(mailing.pk)
    assert counts([mailing.pk])[mailing.pk].total == 10
    assert rung == ["deliver", "deliver", "plan"]


def test_a_tick_rings_for_what_is_due_and_what_was_forgotten(
    make_clients: MakeClients, make_mailing: Make, rung: list[str]
) -> None:
    make_clients(1)
    make_mailing()
    make_mailing(planned=False)
    tasks.tick()
    assert rung == ["plan", "deliver", "deliver"]
    assert not Attempt.objects.exists()
