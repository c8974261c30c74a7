"""Nothing is left of who is erased, whatever his messages were doing, and the counts stay."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from soroka.api.erasure import erase
from soroka.consent.ledger import Origin
from soroka.consent.opting import opt_in, opt_out
from soroka.consent.suppression import is_suppressed
from soroka.consent.verify import check_texts, head, verify
from soroka.delivery.ports import Lease
from soroka.domain.message import Reason, Status
from soroka.domain.verdict import Verdict
from soroka.models import Attempt, Batch, Client, Mailing, Message, MessageText
from soroka.models.consent import Channel
from soroka.planning import launch
from soroka.planning.revise import remove, revise
from soroka.queue.claim import Pump, claim
from soroka.queue.erase import _HIS
from soroka.queue.offer import offer
from soroka.queue.release import release
from soroka.queue.rescue import rescue
from soroka.queue.settle import settle
from soroka.statistics.tally import Counts, counts
from tests.integration.conftest import answers, lapse, other_connection, wait_until_blocked
from tests.leaks import leaks

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Mailing]
MakeClients = Callable[..., list[Client]]
ClaimOne = Callable[[], Lease]
SECRET = "Пётр-Непохожий"
TEMPLATE = "{{ name }}, добрый день!"


@pytest.fixture
def anna(make_clients: MakeClients) -> Client:
    """Who will be erased; another one stays."""
    anna, _ = make_clients(2, attributes={"name": SECRET})
    Client.objects.exclude(pk=anna.pk).update(attributes={"name": "Мария"})
    return anna


def left_of(client: Client) -> list[tuple[str, str]]:
    return leaks(client.phone, [SECRET])


def his(client: Client, mailing: Mailing) -> Message:
    return Message.objects.get(client_id=client.pk, mailing=mailing)


def said(client: Client, mailing: Mailing, status: Status, reason: Reason | None) -> Verdict:
    """What a gateway that repeats everything makes of his message."""
    message = his(client, mailing).pk
    return Verdict(message, status, reason, 1, "said", f"bad number +{client.phone}: {SECRET}")


def offered(lease: Lease) -> list[int]:
    found = offer(lease, 1000)
    assert found is not None
    return [message.id for message in found.messages]


def read_by(plan: dict[str, Any]) -> Iterator[int]:
    """How many messages each node of an executed plan has read."""
    for node in plan.get("Plans", ()):
        yield from read_by(node)
    if plan.get("Relation Name") == "soroka_message":
        yield plan["Actual Loops"] * (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0))


def test_of_what_was_settled_only_the_counts_are_left(anna: Client, make_mailing: Make, claim_one: ClaimOne) -> None:
    mailing = make_mailing(text=TEMPLATE)
    lease = claim_one()
    mine = his(anna, mailing).pk
    [other] = set(offered(lease)) - {mine}
    settle(lease, answers([other], said(anna, mailing, Status.NOT_SENT, Reason.REJECTED)))
    release(lease, 0)
    before = counts([mailing.pk])
    assert len(left_of(anna)) == 4  # he himself, the message, its text and the attempt
    assert erase(anna.pk)
    assert left_of(anna) == []
    assert counts([mailing.pk]) == before
    message = his(anna, mailing)
    assert (message.phone, message.operator_code, message.status, message.reason) == (
        None, 916, Status.NOT_SENT, Reason.REJECTED,
    )  # fmt: skip
    assert MessageText.objects.count() == 1


def test_what_was_queued_is_withdrawn(anna: Client, make_mailing: Make) -> None:
    mailing = make_mailing(text=TEMPLATE, starts_in=600)
    assert erase(anna.pk)
    assert left_of(anna) == []
    assert his(anna, mailing).reason == Reason.WITHDRAWN
    assert counts([mailing.pk])[mailing.pk] == Counts(total=2, in_process=1, not_sent=1)


@pytest.mark.parametrize(
    ("status", "reason"),
    [(Status.IN_PROCESS, None), (Status.IN_PROCESS, Reason.UNKNOWN), (Status.NOT_SENT, Reason.REJECTED)],
)
def test_of_what_was_in_flight_nothing_is_written_afterwards(
    anna: Client, make_mailing: Make, claim_one: ClaimOne, pump: Pump, status: Status, reason: Reason | None
) -> None:
    mailing = make_mailing(text=TEMPLATE)
    lease = claim_one()
    offered(lease)
    answer = said(anna, mailing, status, reason)
    assert erase(anna.pk)
    assert settle(lease, answers([], answer))
    release(lease, 0)
    assert left_of(anna) == []
    assert his(anna, mailing).status == Status.NOT_SENT
    assert Attempt.objects.get().detail == ""
    assert [len(offered(lease)) for lease in claim(pump, mailing.gateway_id, 9)] == [1]  # the other one's


def test_what_was_in_flight_and_accepted_counts_as_delivered(
    anna: Client, make_mailing: Make, claim_one: ClaimOne
) -> None:
    mailing = make_mailing(text=TEMPLATE)
    lease = claim_one()
    ids = offered(lease)
    assert erase(anna.pk)
    settle(lease, answers(ids))
    release(lease, 0)
    assert left_of(anna) == []
    assert counts([mailing.pk])[mailing.pk] == Counts(total=2, delivered=2)


def test_who_was_in_flight_as_his_worker_died_is_not_offered_again(
    anna: Client, make_mailing: Make, claim_one: ClaimOne, pump: Pump
) -> None:
    mailing = make_mailing()
    lease = claim_one()
    offered(lease)
    assert erase(anna.pk)
    lapse(lease.batch_id)
    rescue()
    assert his(anna, mailing).reason == Reason.UNKNOWN
    [again] = claim(pump, mailing.gateway_id, 9)
    assert his(anna, mailing).pk not in offered(again)


def test_an_answer_that_waited_for_the_erasure_keeps_no_words(
    anna: Client, make_mailing: Make, claim_one: ClaimOne
) -> None:
    mailing = make_mailing()
    lease = claim_one()
    offered(lease)
    answer = said(anna, mailing, Status.NOT_SENT, Reason.REJECTED)
    with other_connection() as elsewhere:
        with transaction.atomic():
            erase(anna.pk)
            settled = elsewhere(settle, lease, answers([], answer))
            wait_until_blocked()
        assert settled.result(10)
    assert left_of(anna) == []


def test_a_text_that_was_being_filled_in_is_erased_as_well(
    anna: Client, make_mailing: Make, claim_one: ClaimOne
) -> None:
    make_mailing(text=TEMPLATE)
    lease = claim_one()
    with other_connection() as elsewhere:
        with transaction.atomic():
            offered(lease)
            erased = elsewhere(erase, anna.pk)
            wait_until_blocked()
        assert erased.result(10)
    assert left_of(anna) == []


def test_of_a_plan_that_was_given_up_nothing_is_left(anna: Client, make_mailing: Make) -> None:
    removed, revised = make_mailing(starts_in=600), make_mailing(starts_in=600)
    remove(removed.pk)
    revise(revised.pk, {"text": "Иначе"})
    assert Batch.objects.filter(mailing_id=0).count() == 2
    assert erase(anna.pk)
    assert left_of(anna) == []
    assert launch.plan(revised.pk, seconds=60)
    assert counts([revised.pk])[revised.pk].total == 1


def test_who_was_deleted_before_can_be_erased_from_the_ledger(anna: Client, make_mailing: Make) -> None:
    make_mailing()
    phone, client_id = anna.phone, anna.pk
    anna.delete()
    assert leaks(phone)
    assert erase(client_id)
    assert leaks(phone) == []
    assert not erase(client_id)


def test_two_are_erased_at_once(anna: Client) -> None:
    other = Client.objects.exclude(pk=anna.pk).get()
    with other_connection() as elsewhere:
        with transaction.atomic():
            assert erase(anna.pk)
            erased = elsewhere(erase, other.pk)
            wait_until_blocked()
        assert erased.result(10)
    assert not Client.objects.exists()


def test_of_what_waits_to_be_removed_it_reads_his_alone(make_clients: MakeClients, make_mailing: Make) -> None:
    client, *_ = make_clients(3_000)
    remove(make_mailing(starts_in=600).pk)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ANALYZE soroka_message")
        cursor.execute("SET LOCAL enable_seqscan = off")  # the table is small
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {_HIS}", {"client": client.pk})
        [[plan]] = cursor.fetchone()
    assert sum(read_by(plan["Plan"])) < 100


def test_it_forgets_what_he_said_and_still_writes_to_him_no_more(anna: Client) -> None:
    opt_in(anna.pk, Origin(Channel.ADMIN, "olga", f"A call from +{anna.phone}", f"I am {SECRET}, do write."))
    opt_out(anna.pk, Origin(Channel.API, "olga", "A letter", f"{SECRET} says no."))
    assert left_of(anna)

    erase(anna.pk)

    assert left_of(anna) == []
    assert is_suppressed(anna.phone)
    check_texts()
    assert list(verify(head(), None))


def test_what_he_said_is_forgotten_though_he_was_deleted_before(anna: Client) -> None:
    opt_in(anna.pk, Origin(Channel.ADMIN, "olga", f"A call from +{anna.phone}", f"I am {SECRET}, do write."))
    phone, client_id = anna.phone, anna.pk
    anna.delete()
    assert leaks(phone, [SECRET])
    assert erase(client_id)
    assert leaks(phone, [SECRET]) == []
    assert not erase(client_id)
