from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from soroka.audience.filter import Filter
from soroka.delivery.ports import Lease
from soroka.domain.message import MailingStatus
from soroka.domain.schedule import BadSpan
from soroka.models import Batch, Client, Gateway, Mailing, Message
from soroka.models.status import status_of
from soroka.planning.launch import plan
from soroka.planning.preview import preview
from soroka.planning.revise import remove, revise
from soroka.queue import close, withdraw
from soroka.queue.offer import offer
from soroka.queue.withdraw import NotAllowed
from soroka.statistics.tally import Counts, counts, overall

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Mailing]
MakeClients = Callable[..., list[Client]]
ClaimOne = Callable[[], Lease]
LATER = datetime.now(UTC) + timedelta(days=3)


@pytest.fixture
def clients(make_clients: MakeClients) -> list[Client]:
    return make_clients(3, operator_code=916) + make_clients(2, operator_code=926)


def replanned(mailing: Mailing, **changes: Any) -> Mailing:
    revise(mailing.pk, changes)
    plan(mailing.pk, seconds=60)
    while close.close_next():
        pass
    mailing.refresh_from_db()
    return mailing


def test_another_filter_plans_the_audience_of_now_anew(
    clients: list[Client], make_clients: MakeClients, make_mailing: Make
) -> None:
    mailing = make_mailing(starts_in=600)
    (new,) = make_clients(1, operator_code=926)
    replanned(mailing, audience=Filter(operator_codes=(926,)))
    assert counts([mailing.pk])[mailing.pk] == Counts(3, 3, 0, 0)
    assert sorted(Message.objects.values_list("client_id", flat=True)) == [clients[3].pk, clients[4].pk, new.pk]
    assert status_of(mailing.pk) == MailingStatus.SCHEDULED


def test_another_start_moves_everybody(clients: list[Client], make_mailing: Make) -> None:
    mailing = make_mailing(starts_in=600)
    start = mailing.starts_at + timedelta(minutes=5)
    replanned(mailing, starts_at=start, text="Другой текст")
    assert set(Batch.objects.values_list("due_at", flat=True)) == {start}
    assert mailing.text == "Другой текст"
    assert Message.objects.count() == 5


def test_clients_who_were_removed_meanwhile_leave_no_message_behind(clients: list[Client], make_mailing: Make) -> None:
    mailing = make_mailing(starts_in=600)
    Client.objects.filter(pk__gte=clients[3].pk).delete()
    replanned(mailing, text="Другой текст")
    assert Message.objects.count() == 3


def test_a_pump_that_holds_a_batch_of_the_old_plan_offers_nothing_of_it(
    clients: list[Client], make_mailing: Make, claim_one: ClaimOne
) -> None:
    mailing = make_mailing()
    lease = claim_one()
    replanned(mailing, text="Другой текст")
    assert offer(lease, 10) is None
    assert claim_one().text == "Другой текст"


def test_after_the_first_offer_only_the_name_and_the_end_change(
    clients: list[Client], make_mailing: Make, claim_one: ClaimOne
) -> None:
    mailing = make_mailing()
    offer(claim_one(), 1)
    with pytest.raises(NotAllowed, match="text"):
        revise(mailing.pk, {"text": "Другой текст", "name": "x"})
    revise(mailing.pk, {"name": "Новое имя", "ends_at": LATER, "text": mailing.text})
    mailing.refresh_from_db()
    assert (mailing.name, mailing.ends_at) == ("Новое имя", LATER)
    assert set(Batch.objects.values_list("expires_at", flat=True)) == {LATER}
    assert Message.objects.count() == 5


def test_an_end_that_moves_keeps_the_plan(clients: list[Client], make_mailing: Make) -> None:
    mailing = make_mailing(starts_in=600)
    planned = list(Message.objects.order_by("id").values_list("id", flat=True))
    revise(mailing.pk, {"ends_at": LATER})
    assert list(Message.objects.order_by("id").values_list("id", flat=True)) == planned
    assert set(Batch.objects.values_list("expires_at", flat=True)) == {LATER}


def test_a_span_upside_down_changes_nothing(clients: list[Client], make_mailing: Make) -> None:
    mailing = make_mailing(starts_in=600)
    with pytest.raises(BadSpan):
        revise(mailing.pk, {"ends_at": mailing.starts_at - timedelta(seconds=1), "name": "x"})
    mailing.refresh_from_db()
    assert mailing.name == ""


def test_a_cancelled_mailing_keeps_all_but_its_name(clients: list[Client], make_mailing: Make) -> None:
    mailing = make_mailing(starts_in=600)
    withdraw.cancel(mailing.pk)
    revise(mailing.pk, {"name": "x"})
    for change in ({"ends_at": LATER}, {"text": "y"}):
        with pytest.raises(NotAllowed, match="cancelled"):
            revise(mailing.pk, change)


def test_a_mailing_that_expired_unoffered_can_be_given_a_new_end(clients: list[Client], make_mailing: Make) -> None:
    mailing = make_mailing()
    Batch.objects.update(expires_at=datetime.now(UTC))
    close.expire()
    while close.close_next():
        pass
    assert status_of(mailing.pk) == MailingStatus.FINISHED
    replanned(mailing, ends_at=LATER)
    assert counts([mailing.pk])[mailing.pk] == Counts(5, 5, 0, 0)


def test_a_removed_mailing_is_gone_at_once_and_its_messages_soon(clients: list[Client], make_mailing: Make) -> None:
    mailing = make_mailing(starts_in=600)
    remove(mailing.pk)
    assert not Mailing.objects.filter(pk=mailing.pk).exists()
    assert overall() == Counts()
    while close.close_next():
        pass
    assert not Message.objects.exists()
    assert not Batch.objects.exists()


def test_a_mailing_of_which_something_was_offered_stays(
    clients: list[Client], make_mailing: Make, claim_one: ClaimOne
) -> None:
    mailing = make_mailing()
    offer(claim_one(), 1)
    with pytest.raises(NotAllowed, match="cancel"):
        remove(mailing.pk)


def test_a_preview_tells_what_would_happen_and_writes_nothing(gateway: Gateway, make_clients: MakeClients) -> None:
    make_clients(2, operator_code=916, attributes={"name": "Иван"})
    make_clients(3, zone="Asia/Omsk", operator_code=926)
    make_clients(1, operator_code=999, opted_out=True)
    start = datetime.now(UTC) + timedelta(days=2)
    seen = preview(
        text="{{ name | default: 'друг' }}",
        audience=Filter(everyone=True),
        starts_at=start,
        ends_at=start + timedelta(hours=8),
        local_time=True,
        timezone="Europe/Moscow",
        gateway=gateway,
    )
    assert (seen.clients, seen.by_operator_code) == (5, {916: 2, 926: 3})
    assert [(zone.timezone, zone.clients, zone.due_at) for zone in seen.zones] == [
        ("Asia/Omsk", 3, start - timedelta(hours=3)),
        ("Europe/Moscow", 2, start),
    ]
    assert [sample.text for sample in seen.samples] == ["Иван", "Иван", "друг"]
    assert seen.samples[0].segments is not None
    assert (seen.samples[0].segments.encoding, seen.samples[0].segments.segments) == ("UCS-2", 1)
    assert not Mailing.objects.exists()
