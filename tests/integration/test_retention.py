"""What is older than RETENTION_DAYS goes bit by bit, and is counted all the same."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from soroka.audience.filter import Filter
from soroka.audience.leaves import ENDINGS, Ended, TagChoice, Tags
from soroka.audience.tree import Combined, Not
from soroka.audience.why import Obstacle, why
from soroka.delivery.ports import Lease
from soroka.dispatch import chores
from soroka.domain.message import Reason, Status
from soroka.domain.verdict import Verdict
from soroka.imports.retire import retire as retire_imports
from soroka.models import Attempt, Batch, Client, ClientImport, ImportRow, Mailing, Message, MessageText, Segment
from soroka.planning.revise import remove, revise
from soroka.queue.claim import Pump, claim
from soroka.queue.offer import offer
from soroka.queue.release import release
from soroka.queue.retire import retire
from soroka.queue.settle import settle
from soroka.queue.withdraw import NotAllowed
from soroka.statistics import tally
from tests.integration.conftest import answers

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Mailing]
MakeClients = Callable[..., list[Client]]
DAYS = 30


def age(mailing: Mailing, days: float) -> None:
    """Make it so long ago that its last message was settled."""
    Mailing.objects.filter(pk=mailing.pk).update(over_at=datetime.now(UTC) - timedelta(days=days))


def deliver(lease: Lease) -> None:
    """The first message of a batch is refused, the others are delivered."""
    found = offer(lease, 1000)
    assert found is not None
    first, *others = [message.id for message in found.messages]
    refused = Verdict(first, Status.NOT_SENT, Reason.REJECTED, 1, "rejected", "HTTP 400")
    settle(lease, answers(others, refused))
    release(lease, 0)


@pytest.fixture
def over(make_clients: MakeClients, make_mailing: Make, pump: Pump) -> Callable[..., Mailing]:
    """A mailing to five clients in two zones which is over, and folded."""
    make_clients(3, attributes={"name": "Анна"})
    make_clients(2, zone="Asia/Omsk", attributes={"name": "Борис"})

    def make(**fields: Any) -> Mailing:
        mailing = make_mailing(text="{{ name }}!", **fields)
        for lease in claim(pump, mailing.gateway_id, 9):
            deliver(lease)
        assert tally.fold() == 1
        mailing.refresh_from_db()
        return mailing

    return make


def told(mailing: Mailing) -> tuple[Any, ...]:
    """All that is counted, of the mailing and of everything."""
    mailing.refresh_from_db()
    return tally.full(mailing), tally.counts([mailing.pk]), tally.overall(), tally.by_status()


def test_messages_go_a_batch_at_a_time_and_every_count_stays(over: Callable[..., Mailing]) -> None:
    mailing = over()
    age(mailing, DAYS + 1)
    before = told(mailing)
    left = []
    for _ in range(3):
        retire(DAYS, seconds=0)
        assert told(mailing) == before
        left.append(Batch.objects.count())
    assert left == [1, 0, 0]
    assert not Message.objects.exists()
    assert not Attempt.objects.exists()
    assert not MessageText.objects.exists()
    assert mailing.gone_at is not None
    assert mailing.over_at is None
    assert before[0]["not_sent_by_reason"] == {"rejected": 2}


def test_what_is_younger_stays(over: Callable[..., Mailing]) -> None:
    age(over(), DAYS - 1)
    retire(DAYS, seconds=1)
    assert Message.objects.count() == 5


def test_what_is_not_settled_stays_however_old(make_clients: MakeClients, make_mailing: Make) -> None:
    make_clients(2)
    mailing = make_mailing()
    long_ago = datetime.now(UTC) - timedelta(days=400)
    Batch.objects.update(due_at=long_ago, created_at=long_ago)
    assert tally.fold() == 0
    retire(DAYS, seconds=1)
    assert tally.counts([mailing.pk])[mailing.pk].in_process == 2
    assert Message.objects.count() == 2


def asks_for(mailing: Mailing, how: str) -> Filter:
    asked = Ended(mailing.pk, how)
    return Filter(tree=Combined("and", (TagChoice("any", (1,)), Combined("or", (asked, asked)))))


@pytest.mark.parametrize("how", ENDINGS)
def test_what_a_segment_asks_about_stays(over: Callable[..., Mailing], how: str) -> None:
    mailing = over()
    age(mailing, DAYS + 1)
    segment = Segment.objects.create(name="reached", filter=asks_for(mailing, how).to_json())
    retire(DAYS, seconds=1)
    assert Message.objects.count() == 5
    segment.delete()
    retire(DAYS, seconds=1)
    assert Message.objects.count() == 0


def test_what_an_unfinished_mailing_asks_about_stays(over: Callable[..., Mailing], make_mailing: Make) -> None:
    mailing = over()
    age(mailing, DAYS + 1)
    make_mailing(planned=False, audience=asks_for(mailing, "delivered"))
    retire(DAYS, seconds=1)
    assert Message.objects.count() == 5


def test_who_was_not_reached_is_not_asked_anew_once_nobody_knows(
    over: Callable[..., Mailing], make_clients: MakeClients, make_mailing: Make
) -> None:
    reached = over()
    make_clients(1, tag_ids=[1])
    asked = Filter(tree=Combined("and", (Tags((TagChoice("any", (2,)),)), Not(Ended(reached.pk, "delivered")))))
    mailing = make_mailing(audience=asked, text="Зима")
    assert tally.fold() == 1  # nobody was found: it is over, and holds no messages any more
    age(reached, DAYS + 1)
    retire(DAYS, seconds=1)
    for changes in ({"text": "Весна"}, {"ends_at": mailing.ends_at + timedelta(days=1)}):
        with pytest.raises(NotAllowed, match=f"removed by age, of these mailings: {reached.pk}\\."):
            revise(mailing.pk, changes)
    mailing.refresh_from_db()
    assert (mailing.text, mailing.planned_at is not None) == ("Зима", True)
    revise(mailing.pk, {"name": "Весна"})
    revise(mailing.pk, {"text": "Весна", "audience": Filter(tag_ids=(1,))})


def test_a_mailing_whose_messages_are_gone_is_neither_changed_nor_removed(over: Callable[..., Mailing]) -> None:
    mailing = over()
    age(mailing, DAYS + 1)
    retire(DAYS, seconds=1)
    with pytest.raises(NotAllowed):
        remove(mailing.pk)
    with pytest.raises(NotAllowed):
        revise(mailing.pk, {"text": "Иначе"})
    revise(mailing.pk, {"name": "Весна"})


def test_why_says_that_nobody_knows_any_more(over: Callable[..., Mailing]) -> None:
    mailing = over()
    age(mailing, DAYS + 1)
    retire(DAYS, seconds=1)
    mailing.refresh_from_db()
    client = Client.objects.order_by("pk")[0]
    found = why(client.pk, mailing)
    assert found is not None
    assert (found.message, found.fate.reason) == (None, Obstacle.GONE)


@pytest.mark.parametrize(("days", "left"), [(DAYS + 1, 0), (DAYS - 1, 2)])
def test_old_imports_go_with_their_lines(transactional_db: None, days: int, left: int) -> None:
    finished_at = datetime.now(UTC) - timedelta(days=days)
    done = ClientImport.objects.create(state="finished", finished_at=finished_at)
    ClientImport.objects.create(state="queued")
    ImportRow.objects.bulk_create(ImportRow(client_import=done, line=line, error="bad") for line in (2, 3))
    retire_imports(DAYS, seconds=1)
    assert (ImportRow.objects.count(), ClientImport.objects.filter(pk=done.pk).exists()) == (left, left > 0)
    assert ClientImport.objects.filter(state="queued").exists()


@pytest.mark.parametrize(("days", "left"), [(0, 5), (DAYS, 0)])
def test_the_tick_does_it_where_it_is_set(over: Callable[..., Mailing], settings: Any, days: int, left: int) -> None:
    age(over(), DAYS + 1)
    settings.RETENTION_DAYS = days
    chores.tick()
    assert Message.objects.count() == left
