from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from soroka.audience.filter import Filter
from soroka.domain.message import BatchState, MailingStatus, Reason, Status
from soroka.models import Batch, Client, Mailing, Message
from soroka.models.status import status_of
from soroka.planning import launch
from soroka.queue.close import close_next
from soroka.statistics.tally import Counts, counts

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Mailing]
MakeClients = Callable[..., list[Client]]


def planned_clients(mailing: Mailing) -> list[int]:
    return list(Message.objects.filter(mailing=mailing).order_by("client_id").values_list("client_id", flat=True))


def test_it_chooses_any_of_the_tags_and_one_of_the_codes(make_clients: MakeClients, make_mailing: Make) -> None:
    chosen = make_clients(2, tag_ids=[1], operator_code=916) + make_clients(1, tag_ids=[2, 9], operator_code=926)
    make_clients(1, tag_ids=[1], operator_code=999)
    make_clients(1, tag_ids=[3], operator_code=916)
    make_clients(1, tag_ids=[], operator_code=916)
    make_clients(1, tag_ids=[1], operator_code=916, opted_out=True)
    mailing = make_mailing(audience=Filter(tag_ids=(1, 2), operator_codes=(916, 926)))
    assert planned_clients(mailing) == [client.pk for client in chosen]


def test_it_chooses_all_of_the_tags_where_asked(make_clients: MakeClients, make_mailing: Make) -> None:
    make_clients(1, tag_ids=[1])
    (both,) = make_clients(1, tag_ids=[2, 1, 5])
    mailing = make_mailing(audience=Filter(tag_ids=(1, 2), match_all=True))
    assert planned_clients(mailing) == [both.pk]


def test_it_does_not_restrict_by_an_empty_list(make_clients: MakeClients, make_mailing: Make) -> None:
    clients = make_clients(1, tag_ids=[1], operator_code=916) + make_clients(1, tag_ids=[1], operator_code=926)
    assert planned_clients(make_mailing(audience=Filter(tag_ids=(1,)))) == [client.pk for client in clients]


def test_it_makes_batches_of_one_zone_and_at_most_a_thousand(make_clients: MakeClients, make_mailing: Make) -> None:
    make_clients(1001)
    make_clients(3, zone="Asia/Omsk")
    mailing = make_mailing()
    shapes = Batch.objects.filter(mailing=mailing).order_by("zone_id", "id").values_list("zone__name", "total")
    assert sorted(shapes) == [("Asia/Omsk", 3), ("Europe/Moscow", 1), ("Europe/Moscow", 1000)]
    for batch in Batch.objects.all():
        ids = list(
            Message.objects.filter(pk__range=(batch.id_from, batch.id_to)).order_by("id").values_list("id", flat=True)
        )
        assert ids == list(range(batch.id_from, batch.id_to + 1))


def test_the_first_batch_of_every_zone_comes_before_the_second_of_any(
    make_clients: MakeClients, make_mailing: Make
) -> None:
    everywhere = {"Europe/Moscow", "Europe/Samara", "Asia/Omsk", "Asia/Chita", "Asia/Tokyo"}
    for zone in everywhere:
        make_clients(1001, zone=zone)
    make_mailing()
    zones = list(Batch.objects.order_by("id").values_list("zone__name", flat=True))
    assert (set(zones[:5]), set(zones[5:])) == (everywhere, everywhere)


def test_every_message_names_an_existing_client_and_copies_his_number(
    make_clients: MakeClients, make_mailing: Make
) -> None:
    make_clients(5)
    make_mailing()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM soroka_message m JOIN soroka_client c ON c.id = m.client_id AND c.phone = m.phone"
            " AND c.operator_code = m.operator_code JOIN soroka_mailing g ON g.id = m.mailing_id"
        )
        assert cursor.fetchone()[0] == 5


def test_it_plans_slice_by_slice_and_goes_on_where_it_was(make_clients: MakeClients, make_mailing: Make) -> None:
    clients = make_clients(25)
    mailing = make_mailing(planned=False)
    Mailing.objects.filter(pk=mailing.pk).update(slice_width=10, planned_to=clients[0].pk - 1)
    assert not launch.plan(mailing.pk, seconds=0)
    assert len(planned_clients(mailing)) == 10
    assert status_of(mailing.pk) == MailingStatus.PLANNING
    assert counts([mailing.pk])[mailing.pk] == Counts(10, 10, 0, 0)
    assert launch.plan(mailing.pk, seconds=60)
    assert planned_clients(mailing) == [client.pk for client in clients]


def test_a_slice_that_fails_leaves_nothing_and_is_planned_again(
    make_clients: MakeClients, make_mailing: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients = make_clients(20)
    mailing = make_mailing(planned=False)
    with monkeypatch.context() as broken:
        broken.setattr(Mailing, "save", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            launch.plan(mailing.pk, seconds=60)
    assert planned_clients(mailing) == []
    assert not Batch.objects.exists()
    assert launch.plan(mailing.pk, seconds=60)
    assert planned_clients(mailing) == [client.pk for client in clients]


def test_clients_who_come_after_the_mailing_are_not_of_its_audience(
    make_clients: MakeClients, make_mailing: Make
) -> None:
    first = make_clients(2)
    mailing = make_mailing(planned=False)
    make_clients(2)
    launch.plan(mailing.pk, seconds=60)
    assert planned_clients(mailing) == [client.pk for client in first]


def test_a_mailing_to_nobody_is_finished_at_once(make_mailing: Make) -> None:
    mailing = make_mailing()
    assert status_of(mailing.pk) == MailingStatus.FINISHED


def test_local_time_is_the_same_wall_clock_everywhere(make_clients: MakeClients, make_mailing: Make) -> None:
    make_clients(1, zone="Europe/Kaliningrad")
    make_clients(1, zone="Asia/Vladivostok")
    start = (datetime.now(ZoneInfo("Europe/Moscow")) + timedelta(days=2)).replace(
        hour=10, minute=0, second=0, microsecond=0
    )
    make_mailing(starts_at=start, ends_at=start + timedelta(hours=8), local_time=True)
    for batch in Batch.objects.select_related("zone"):
        zone = ZoneInfo(batch.zone.name)
        assert batch.due_at.astimezone(zone).replace(tzinfo=None) == start.replace(tzinfo=None)
        assert batch.expires_at.astimezone(zone).replace(tzinfo=None) == start.replace(tzinfo=None) + timedelta(hours=8)


def test_absolute_time_is_one_moment_for_all(make_clients: MakeClients, make_mailing: Make) -> None:
    make_clients(1, zone="Europe/Kaliningrad")
    make_clients(1, zone="Asia/Vladivostok")
    mailing = make_mailing(starts_in=600)
    assert set(Batch.objects.values_list("due_at", flat=True)) == {mailing.starts_at}


def test_a_client_whose_end_has_passed_is_expired_and_counted(make_clients: MakeClients, make_mailing: Make) -> None:
    make_clients(2, zone="Asia/Kamchatka")
    make_clients(3)
    now = datetime.now(UTC)
    mailing = make_mailing(starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1), local_time=True)
    assert counts([mailing.pk])[mailing.pk] == Counts(5, 3, 0, 2)
    assert Message.objects.filter(status=Status.NOT_SENT, reason=Reason.EXPIRED, settled_at__isnull=False).count() == 2
    while close_next():
        pass
    assert Batch.objects.get(zone__name="Asia/Kamchatka").state == BatchState.CLOSED
    assert counts([mailing.pk])[mailing.pk] == Counts(5, 3, 0, 2)


def test_a_paused_mailing_is_planned_and_held(make_clients: MakeClients, make_mailing: Make) -> None:
    make_clients(2)
    mailing = make_mailing(planned=False)
    Mailing.objects.filter(pk=mailing.pk).update(paused_at=datetime.now(UTC))
    launch.plan(mailing.pk, seconds=60)
    assert list(Batch.objects.values_list("held", flat=True)) == [True]


def test_a_cancelled_mailing_is_not_planned_further(make_clients: MakeClients, make_mailing: Make) -> None:
    make_clients(2)
    mailing = make_mailing(planned=False)
    Mailing.objects.filter(pk=mailing.pk).update(cancelled_at=datetime.now(UTC))
    assert launch.plan(mailing.pk, seconds=60)
    assert planned_clients(mailing) == []
