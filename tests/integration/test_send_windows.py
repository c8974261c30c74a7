"""Mailings with a send window: when they are planned for, and how they go on in the next opening."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from soroka.api.story import story_of
from soroka.audience.filter import Filter
from soroka.delivery.ports import Lease
from soroka.dispatch.chores import tick
from soroka.domain.message import BatchState, MailingStatus, Reason, Status
from soroka.domain.send_window import SendWindow
from soroka.domain.verdict import Verdict
from soroka.models import Batch, Client, Gateway, Mailing, Message
from soroka.models.status import status_of
from soroka.planning.preview import preview
from soroka.planning.revise import revise
from soroka.queue import withdraw
from soroka.queue.claim import Pump, claim
from soroka.queue.failover import move
from soroka.queue.offer import offer
from soroka.queue.release import release
from soroka.queue.reopen import reopen
from soroka.queue.rescue import rescue
from soroka.queue.settle import settle
from soroka.statistics.tally import Counts, counts, full
from tests.integration.conftest import answers, lapse

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Mailing]
MakeClients = Callable[..., list[Client]]
ClaimOne = Callable[[], Lease]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
THREE_DAYS = 3 * DAY.total_seconds()
#: Said once: a test may begin in one minute and end in the next.
NOW = datetime.now(UTC).replace(second=0, microsecond=0)


def hours(opens: int, closes: int) -> SendWindow:
    """Every day from and to so many hours after ``NOW``, by UTC: open or shut whenever the tests run."""
    begin, end = NOW + HOUR * opens, NOW + HOUR * closes
    return SendWindow.between(f"{begin:%H:%M}", f"{end:%H:%M}")


def the_batch() -> Batch:
    return Batch.objects.get()


@pytest.fixture
def shut(make_clients: MakeClients, make_mailing: Make) -> Mailing:
    """Ten clients, due two hours ago; their window closed an hour ago and opens again in 22 hours."""
    make_clients(10, zone="UTC")
    mailing = make_mailing(window=hours(-1, 1), ends_in=THREE_DAYS)
    closed(mailing)
    return mailing


def closed(mailing: Mailing) -> None:
    """What was open until now has closed an hour ago."""
    Mailing.objects.filter(pk=mailing.pk).update(window=hours(-2, -1).to_json())
    Batch.objects.update(due_at=NOW - 2 * HOUR, next_at=NOW - 2 * HOUR, expires_at=NOW - HOUR)


def a_day_passes() -> None:
    """The windows are those of every day: so nothing else moves."""
    for batch in Batch.objects.all():
        moments = {name: getattr(batch, name) for name in ("due_at", "next_at", "expires_at", "deadline", "opens_at")}
        moved = {name: moment and moment - DAY for name, moment in moments.items()}
        Batch.objects.filter(pk=batch.pk).update(**moved)


# --- Planning


def test_each_zone_is_due_when_its_own_window_opens(make_clients: MakeClients, make_mailing: Make) -> None:
    make_clients(2, zone="UTC")
    make_clients(3, zone="Asia/Kathmandu")
    mailing = make_mailing(window=hours(2, 4), ends_in=THREE_DAYS)
    open_at = NOW + 2 * HOUR
    kathmandu = open_at - HOUR * 5 - timedelta(minutes=45) + DAY
    assert set(Batch.objects.values_list("zone__name", "due_at", "next_at", "expires_at", "deadline")) == {
        ("UTC", open_at, open_at, open_at + 2 * HOUR, mailing.ends_at),
        ("Asia/Kathmandu", kathmandu, kathmandu, kathmandu + 2 * HOUR, mailing.ends_at),
    }
    mailing.refresh_from_db()
    assert mailing.first_due_at == open_at
    assert status_of(mailing.pk) == MailingStatus.SCHEDULED


def test_it_is_due_at_once_where_the_window_is_open(
    make_clients: MakeClients, make_mailing: Make, claim_one: ClaimOne
) -> None:
    make_clients(2, zone="UTC")
    mailing = make_mailing(window=hours(-1, 2))
    assert the_batch().expires_at == the_batch().deadline == mailing.ends_at
    assert offer(claim_one(), 10) is not None


def test_without_a_window_left_it_expires_at_once_and_keeps_its_deadline(
    make_clients: MakeClients, make_mailing: Make
) -> None:
    make_clients(2, zone="UTC")
    mailing = make_mailing(window=hours(2, 4), ends_in=3600)
    assert (the_batch().state, the_batch().closing) == (BatchState.CLOSING, Reason.EXPIRED)
    tick()
    assert counts([mailing.pk])[mailing.pk] == Counts(2, 0, 0, 2)
    assert full(mailing)["not_sent_by_reason"] == {"expired": 2}
    assert the_batch().deadline == mailing.ends_at
    assert "did not open again" in last_words()


def last_words() -> str:
    first = Message.objects.order_by("id").first()
    assert first is not None
    with translation.override("en"):
        return str(story_of(first)[-1].detail)


def test_a_preview_looks_ahead_by_the_window(make_clients: MakeClients, make_mailing: Make) -> None:
    make_clients(2, zone="UTC")
    mailing = make_mailing(window=hours(2, 4), ends_in=THREE_DAYS)
    asked: dict[str, Any] = {"text": "x", "audience": Filter(everyone=True), "starts_at": None, "local_time": False}
    asked |= {"window": mailing.send_window, "gateway": mailing.gateway}
    seen = preview(**asked, ends_at=mailing.ends_at, timezone="UTC")
    assert [(zone.due_at, zone.expires_at, zone.expired) for zone in seen.zones] == [
        (the_batch().due_at, mailing.ends_at, False)
    ]


# --- The next opening


def test_what_was_not_sent_by_the_close_waits_for_the_next_opening(shut: Mailing, gateway: Gateway, pump: Pump) -> None:
    due_at = the_batch().due_at
    tick()
    batch = the_batch()
    assert batch.due_at == due_at
    assert batch.opens_at == batch.next_at == due_at + DAY
    assert batch.expires_at == due_at + DAY + HOUR
    assert batch.deadline == shut.ends_at
    assert (batch.state, batch.closing) == (BatchState.READY, None)
    assert claim(pump, gateway.pk, 5) == []
    assert "waits for its send window" in last_words()
    assert reopen() == 0


def test_the_time_for_which_the_window_was_shut_is_no_lateness(shut: Mailing, claim_one: ClaimOne) -> None:
    reopen()
    a_day_passes()
    Mailing.objects.update(window=hours(-2, 1).to_json())
    Batch.objects.update(expires_at=NOW + HOUR)
    result = offer(claim_one(), 10)
    assert result is not None
    # The hour until the close, and the two since the next opening.
    assert result.late == pytest.approx((datetime.now(UTC) - NOW + 3 * HOUR).total_seconds(), abs=10)


def test_the_hours_in_which_nobody_was_there_to_send_are_lateness(shut: Mailing) -> None:
    a_day_passes()
    a_day_passes()
    assert reopen() == 1
    assert the_batch().opens_at == NOW + 22 * HOUR
    assert the_batch().shut_seconds == 3 * 23 * 3600


def test_every_opening_before_the_end_is_used_and_none_after_it(shut: Mailing) -> None:
    for _ in range(3):
        assert reopen() == 1
        assert the_batch().closing is None
        a_day_passes()
    tick()
    assert the_batch().state == BatchState.CLOSED
    assert counts([shut.pk])[shut.pk] == Counts(10, 0, 0, 10)
    assert status_of(shut.pk) == MailingStatus.FINISHED
    assert "did not open again" in last_words()


def test_an_end_within_an_opening_cuts_it_off_and_is_the_end(shut: Mailing) -> None:
    ends_at = the_batch().due_at + DAY + HOUR / 2
    Batch.objects.update(deadline=ends_at)
    reopen()
    assert the_batch().expires_at == the_batch().deadline == ends_at
    a_day_passes()
    tick()
    assert counts([shut.pk])[shut.pk] == Counts(10, 0, 0, 10)
    assert "deadline passed" in last_words()


def test_a_paused_mailing_waits_in_the_next_opening_too(shut: Mailing, gateway: Gateway, pump: Pump) -> None:
    withdraw.pause(shut.pk)
    reopen()
    assert (the_batch().held, the_batch().opens_at) == (True, the_batch().due_at + DAY)
    a_day_passes()
    assert status_of(shut.pk) == MailingStatus.PAUSED
    reopen()
    withdraw.resume(shut.pk)
    assert the_batch().next_at > datetime.now(UTC)


def test_a_cancelled_mailing_is_not_reopened(shut: Mailing) -> None:
    withdraw.cancel(shut.pk)
    assert reopen() == 0
    tick()
    assert full(shut)["not_sent_by_reason"] == {"withdrawn": 10}


def test_a_leased_batch_is_left_to_its_pump_and_offered_no_more(
    make_clients: MakeClients, make_mailing: Make, claim_one: ClaimOne
) -> None:
    make_clients(10, zone="UTC")
    mailing = make_mailing(window=hours(-1, 1), ends_in=THREE_DAYS)
    lease = claim_one()
    first = offer(lease, 4)
    assert first is not None
    closed(mailing)
    assert offer(lease, 4) is None
    assert reopen() == 0
    assert settle(lease, answers([message.id for message in first.messages]))
    release(lease, 0)
    assert reopen() == 1
    a_day_passes()
    Batch.objects.update(next_at=NOW, expires_at=NOW + HOUR)
    rest = offer(claim_one(), 10)
    assert rest is not None
    assert len(rest.messages) == 6
    assert not {message.id for message in rest.messages} & {message.id for message in first.messages}


def test_doubt_outlasts_the_night_and_is_offered_again_or_ends_as_unknown(
    make_clients: MakeClients, make_mailing: Make, claim_one: ClaimOne
) -> None:
    make_clients(10, zone="UTC")
    mailing = make_mailing(window=hours(-1, 1), ends_in=THREE_DAYS)
    lease = claim_one()
    assert offer(lease, 4) is not None
    lapse(lease.batch_id)
    closed(mailing)
    rescue()
    reopen()
    assert Message.objects.filter(status=Status.IN_PROCESS, reason=Reason.UNKNOWN).count() == 4
    Batch.objects.update(deadline=the_batch().expires_at)
    a_day_passes()
    tick()
    assert full(mailing)["not_sent_by_reason"] == {"unknown": 4, "expired": 6}


def test_a_backoff_longer_than_the_night_goes_on(
    make_clients: MakeClients, make_mailing: Make, claim_one: ClaimOne
) -> None:
    make_clients(1, zone="UTC")
    mailing = make_mailing(window=hours(-1, 1), ends_in=THREE_DAYS)
    lease = claim_one()
    result = offer(lease, 1)
    assert result is not None
    settle(lease, answers([], Verdict(result.messages[0].id, Status.IN_PROCESS, None, 1, "deferred", "")))
    release(lease, 26 * 3600.0)
    again_at = the_batch().next_at
    assert again_at > the_batch().expires_at
    Mailing.objects.filter(pk=mailing.pk).update(window=hours(-2, -1).to_json())
    Batch.objects.update(expires_at=NOW - HOUR)
    reopen()
    assert the_batch().next_at == again_at
    assert the_batch().opens_at == NOW + 22 * HOUR


def test_a_backoff_never_outlasts_the_deadline(
    make_clients: MakeClients, make_mailing: Make, claim_one: ClaimOne
) -> None:
    make_clients(1, zone="UTC")
    mailing = make_mailing(window=hours(-1, 1), ends_in=THREE_DAYS)
    release(claim_one(), 10 * THREE_DAYS)
    assert the_batch().next_at == mailing.ends_at


def test_what_waits_for_its_window_is_not_hurried_by_a_gateway_that_is_down(shut: Mailing, gateway: Gateway) -> None:
    backup = Gateway.objects.create(name="backup")
    Mailing.objects.update(fallbacks=[backup.pk])
    reopen()
    down = {"trouble": 3, "stopped_at": datetime.now(UTC), "paused_until": datetime.now(UTC) + HOUR}
    Gateway.objects.filter(pk=gateway.pk).update(**down)
    assert move() == 0
    a_day_passes()
    Batch.objects.update(opens_at=NOW - HOUR / 2, next_at=NOW + HOUR / 4)
    assert move() == 1
    assert the_batch().gateway_id == backup.pk
    assert the_batch().next_at == the_batch().opens_at


def test_a_part_that_is_cut_off_has_the_same_hours(shut: Mailing, claim_one: ClaimOne) -> None:
    reopen()
    a_day_passes()
    Mailing.objects.update(window=hours(-2, 1).to_json())
    Batch.objects.update(expires_at=NOW + HOUR)
    lease = claim_one()
    result = offer(lease, 4)
    assert result is not None
    settle(lease, answers([], *(deferred(message.id) for message in result.messages)))
    release(lease, 60, cut=True)
    assert Batch.objects.count() == 2
    assert len(set(Batch.objects.values_list("expires_at", "deadline", "opens_at", "shut_seconds"))) == 1


def deferred(message_id: int) -> Verdict:
    return Verdict(message_id, Status.IN_PROCESS, None, 1, "deferred", "")


# --- Changes


def test_another_window_is_planned_anew(make_clients: MakeClients, make_mailing: Make) -> None:
    make_clients(2, zone="UTC")
    mailing = make_mailing(window=hours(2, 4), ends_in=THREE_DAYS)
    planned = mailing.last_client_id
    make_clients(1, zone="UTC")
    revise(mailing.pk, {"window": hours(2, 4)})
    mailing.refresh_from_db()
    assert mailing.last_client_id == planned
    revise(mailing.pk, {"window": hours(3, 4)})
    mailing.refresh_from_db()
    assert (mailing.send_window, mailing.planned_at) == (hours(3, 4), None)


def test_a_later_end_gives_what_waits_more_openings_and_keeps_the_present_one(shut: Mailing) -> None:
    reopen()
    opens_at, expires_at = the_batch().opens_at, the_batch().expires_at
    later = shut.ends_at + 5 * DAY
    revise(shut.pk, {"ends_at": later})
    assert (the_batch().opens_at, the_batch().expires_at, the_batch().deadline) == (opens_at, expires_at, later)


def test_an_end_before_the_next_opening_closes_what_waits(shut: Mailing) -> None:
    reopen()
    revise(shut.pk, {"ends_at": NOW + 20 * HOUR})
    tick()
    assert counts([shut.pk])[shut.pk] == Counts(10, 0, 0, 10)
    assert "did not open again" in last_words()


def test_a_new_end_opens_no_window_that_is_shut(shut: Mailing, gateway: Gateway, pump: Pump) -> None:
    """The close has come, and the tick has not yet."""
    revise(shut.pk, {"ends_at": NOW + 22 * HOUR + HOUR / 2})
    assert claim(pump, gateway.pk, 5) == []
    reopen()
    batch = the_batch()
    assert batch.next_at == batch.opens_at == NOW + 22 * HOUR
    assert batch.expires_at == batch.deadline == batch.next_at + HOUR / 2


def test_the_settings_of_later_change_nothing_for_a_mailing_that_is_there(shut: Mailing, settings: Any) -> None:
    settings.SEND_WINDOW, settings.HOLIDAYS = SendWindow.parse("00:00-00:01"), frozenset()
    reopen()
    assert the_batch().opens_at == the_batch().due_at + DAY
