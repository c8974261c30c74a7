"""Clients opt out, and are erased, while a mailing with a cap is planned: nobody is missed, or waits in a circle."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from soroka.api.erasure import erase
from soroka.consent.ledger import Origin
from soroka.consent.opting import opt_out
from soroka.domain.cap import Cap
from soroka.domain.message import Reason, Status
from soroka.models import Client, Mailing, Message
from soroka.models.consent import Channel
from soroka.planning import launch
from soroka.queue.withdraw import withdraw_client
from soroka.statistics.tally import counts
from tests.integration.conftest import other_connection, wait_until_blocked

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Mailing]
MakeClients = Callable[..., list[Client]]
Leave = Callable[[int], bool]
ONCE_A_WEEK = Cap(1, 7)


def leave_by_link(client_id: int) -> bool:
    return opt_out(client_id, Origin(Channel.LINK))


both_ways = pytest.mark.parametrize(
    ("leave", "reason"), [(leave_by_link, Reason.OPTED_OUT), (erase, Reason.WITHDRAWN)], ids=["opt-out", "erasure"]
)


@both_ways
def test_who_leaves_while_a_slice_is_planned_is_taken_out_of_it(
    make_clients: MakeClients, make_mailing: Make, leave: Leave, reason: Reason
) -> None:
    client, other = make_clients(2)
    mailing = make_mailing(planned=False, cap=ONCE_A_WEEK)
    with other_connection() as elsewhere:
        with transaction.atomic():
            launch.plan(mailing.pk, seconds=60)
            leaving = elsewhere(leave, client.pk)
            wait_until_blocked()
        assert leaving.result(10)
    fates = Message.objects.order_by("client_id").values_list("client_id", "status", "reason")
    assert list(fates) == [(client.pk, Status.NOT_SENT, reason), (other.pk, Status.IN_PROCESS, None)]


@both_ways
def test_a_slice_waits_for_who_is_leaving_and_leaves_him_out(
    make_clients: MakeClients, make_mailing: Make, leave: Leave, reason: Reason
) -> None:
    client, other = make_clients(2)
    mailing = make_mailing(planned=False, cap=ONCE_A_WEEK)
    with other_connection() as elsewhere:
        with transaction.atomic():
            withdraw_client(client.pk, reason)  # as leaving begins
            planning = elsewhere(launch.plan, mailing.pk, seconds=60)
            wait_until_blocked()
            assert leave(client.pk)
        assert planning.result(10)
    assert list(Message.objects.values_list("client_id", flat=True)) == [other.pk]


def test_many_who_leave_at_once_are_all_out(make_clients: MakeClients, make_mailing: Make) -> None:
    clients = make_clients(90)
    mailings = [make_mailing(planned=False, cap=ONCE_A_WEEK) for _ in range(2)]
    Mailing.objects.update(slice_width=5, planned_to=clients[0].pk - 1)
    opting, erased = clients[::3], clients[1::3]

    def plan_slice_by_slice(mailing: Mailing) -> None:
        while not launch.plan(mailing.pk, seconds=0):
            pass
        connection.close()

    def go(leave: Leave, leaving: list[Client]) -> None:
        assert [leave(client.pk) for client in leaving] == [True] * 30
        connection.close()

    with ThreadPoolExecutor(4) as threads:
        runs = [threads.submit(plan_slice_by_slice, mailing) for mailing in mailings]
        runs += [threads.submit(go, leave_by_link, opting), threads.submit(go, erase, erased)]
        for run in runs:
            run.result(60)
    waiting = Message.objects.filter(status=Status.IN_PROCESS).values_list("client_id", flat=True)
    assert sorted(waiting) == [client.pk for client in clients[2::3]]
    assert not Message.objects.filter(client_id__in=[client.pk for client in erased], phone__isnull=False).exists()
    assert sum(each.in_process for each in counts([mailing.pk for mailing in mailings]).values()) == 30
