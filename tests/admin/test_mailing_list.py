"""The list of mailings: found by status, and live as long as something runs."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from soroka.domain.message import MailingStatus, Reason
from soroka.models import Mailing
from soroka.models.status import status_of
from soroka.planning.resend import resend
from soroka.queue.withdraw import cancel, pause
from soroka.statistics.tally import fold
from tests.rows import settle_all

LIST = "/admin/soroka/mailing/"


@pytest.fixture
def viewer(enter):
    return enter("viewer", "en")


@pytest.fixture
def every_status(make_clients, make_mailing):
    """Mailings of each status, by it; of those that are finished one is not folded yet."""
    make_clients(2)
    made = {
        status: [make_mailing(name=status.value, starts_in=None if n else 600)]
        for n, status in enumerate(MailingStatus)
    }
    scheduled = make_mailing(name="scheduled", starts_in=600)
    cancelled, finished, paused, planning, running, _ = (made[status][0] for status in MailingStatus)
    cancel(cancelled.pk)
    settle_all(finished.pk)
    fold()
    pause(paused.pk)
    Mailing.objects.filter(pk=planning.pk).update(planned_at=None)
    just = make_mailing(name="finished just now")
    settle_all(just.pk)
    over_while_paused = make_mailing(name="paused, then over")
    pause(over_while_paused.pk)
    settle_all(over_while_paused.pk)
    return {
        MailingStatus.CANCELLED: {cancelled}, MailingStatus.FINISHED: {finished, just, over_while_paused},
        MailingStatus.PAUSED: {paused}, MailingStatus.PLANNING: {planning},
        MailingStatus.RUNNING: {running, made[MailingStatus.SCHEDULED][0]}, MailingStatus.SCHEDULED: {scheduled},
    }  # fmt: skip


def listed(browser, query: str) -> set[Mailing]:
    return set(browser.get(f"{LIST}?{query}").context["cl"].result_list)


@pytest.mark.parametrize("status", MailingStatus)
def test_it_finds_the_mailings_with_a_status(viewer, every_status, status):
    assert every_status[status] and all(status_of(row.pk) is status for row in every_status[status])
    assert listed(viewer, f"status={status}") == every_status[status]


def test_every_mailing_has_one_status(viewer, every_status):
    found = [row for status in MailingStatus for row in listed(viewer, f"status={status}")]
    assert sorted(row.pk for row in found) == sorted(Mailing.objects.values_list("pk", flat=True))


def test_status_and_search_go_together_and_an_unknown_status_restricts_nothing(viewer, every_status):
    assert {row.name for row in listed(viewer, "status=finished&q=JUST")} == {"finished just now"}
    assert len(listed(viewer, "status=nonsense")) == Mailing.objects.count()


def test_few_that_run_are_found_among_many_that_are_over_by_an_index(mailing):
    now = datetime.now(UTC)
    Mailing.objects.bulk_create(
        Mailing(text="x", filter={}, starts_at=now, ends_at=now, timezone="UTC", gateway=mailing.gateway,
                planned_at=now, breakdown={})
        for _ in range(5_000)
    )  # fmt: skip
    from soroka.models.status import having

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE soroka_mailing")
    assert "mailing_unfolded" in Mailing.objects.filter(having(MailingStatus.RUNNING)).order_by("-pk")[:50].explain()


def test_it_is_live_while_something_runs(viewer, every_status):
    live = {row.pk for row in Mailing.objects.all() if row not in every_status[MailingStatus.FINISHED]}
    page = viewer.get(LIST).content.decode()
    [asked] = [part.split('"')[0] for part in page.split("/live/?ids=")[1:]]
    assert {int(pk) for pk in asked.split(",")} == live  # also the cancelled one, which is being withdrawn
    assert "/live/" not in viewer.get(f"{LIST}?status=finished").content.decode()


def test_its_cells_are_brought_up_to_date_each_in_its_place(viewer, mailing):
    address = f"{LIST}live/?ids={mailing.pk}"
    cells = viewer.get(address)
    assert f'<span id="mailing-{mailing.pk}-delivered" hx-swap-oob="true">0</span>' in cells.content.decode()
    assert f'id="mailing-{mailing.pk}-delivered"' in viewer.get(LIST).content.decode()
    settle_all(mailing.pk)
    cells = viewer.get(address)
    assert f'<span id="mailing-{mailing.pk}-delivered" hx-swap-oob="true">3</span>' in cells.content.decode()
    assert "finished" in cells.content.decode()
    assert cells.status_code == 286  # the page asks no more


def test_what_is_asked_amiss_is_nothing(viewer, mailing):
    for ids in ("", "x", "-1", "99999999999999999999", "999"):
        answer = viewer.get(f"{LIST}live/?ids={ids}")
        assert (answer.status_code, answer.content.strip()) == (286, b"")


def test_a_resend_is_told_from_the_mailing_whose_name_it_has(viewer, mailing):
    settle_all(mailing.pk, Reason.UNKNOWN)
    resend(mailing.pk, ends_at=None, user=None)
    page = viewer.get(LIST).content.decode()
    assert f">News (№ {mailing.pk} resent)<" in page and ">News<" in page
