"""The page of a mailing: what it says, how it follows one that runs, and that it leaves the database in peace."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from soroka.admin.last_look import LastLook, Sample
from soroka.domain.message import Reason
from soroka.models import Batch, Gateway, Mailing, Message
from soroka.queue.withdraw import pause
from soroka.statistics.course import course
from soroka.statistics.tally import fold, full
from tests.admin.pages import seen
from tests.rows import settle_all


def address(mailing: Mailing, part: str = "") -> str:
    return f"/admin/soroka/mailing/{mailing.pk}/change/{part and f'?part={part}'}"


@pytest.fixture
def viewer(enter):
    return enter("viewer", "en")


@pytest.fixture
def over(mailing):
    """The mailing to three clients is over: one refused, one in doubt, one delivered."""
    settle_all(mailing.pk, Reason.REJECTED, Reason.UNKNOWN)
    fold()
    return Mailing.objects.get(pk=mailing.pk)


def spread(mailing: Mailing, **span: float) -> None:
    """Let the first of its messages be settled long before the last."""
    first = Message.objects.filter(mailing=mailing).order_by("pk").first()
    Message.objects.filter(pk=first.pk).update(settled_at=datetime.now(UTC) - timedelta(**span))


def chart(answer):
    return json.loads(answer.context["chart"]["data"])


def test_it_says_what_became_of_it_in_numbers_and_shares(viewer, over):
    texts = seen(viewer.get(address(over)))
    for label, number, share in (
        ("Delivered", "1", "33.3 %"),
        ("Not sent", "2", "66.7 %"),
        ("In process", "0", "0.0 %"),
    ):
        at = texts.index(label)
        assert texts[at + 1 : at + 3] == [number, share]


def test_it_says_why_and_leads_to_those_messages(viewer, over):
    page = viewer.get(address(over, "course")).content.decode()
    assert f"?mailing={over.pk}&amp;reason=rejected" in page and f"?mailing={over.pk}&amp;reason=unknown" in page
    assert "50.0 %" in page


def test_the_chart_goes_over_the_whole_length_in_bars_that_can_be_seen(viewer, mailing):
    for span, title in (({"minutes": 90}, "Settled by minute"), ({"hours": 10}, "Settled by 5 minutes"),
                        ({"hours": 150}, "Settled by hour"), ({"days": 100}, "Settled by day")):  # fmt: skip
        Batch.objects.update(breakdown=None, state=0)
        Message.objects.update(status=0, reason=None, settled_at=None)
        settle_all(mailing.pk, Reason.REJECTED)
        spread(mailing, **span)
        Batch.objects.update(breakdown=None, state=0)
        answer = viewer.get(address(mailing, "course"))
        assert title in seen(answer)
        delivered, not_sent = chart(answer)["datasets"]
        assert (sum(delivered["data"]), sum(not_sent["data"])) == (2, 1)
        assert not_sent["data"][0] == 1 and len(delivered["data"]) <= 200


def test_the_pace_limit_is_a_line_of_the_chart_or_is_told_where_it_lies_far_above(viewer, over, gateway):
    Gateway.objects.update(rate=0.1)
    line = chart(viewer.get(address(over, "course")))["datasets"][2]
    assert (line["type"], line["label"], set(line["data"])) == ("line", "Pace limit of default now", {6.0})
    Gateway.objects.update(rate=500)
    answer = viewer.get(address(over, "course"))
    assert len(chart(answer)["datasets"]) == 2
    assert "The pace limit of default, 30 000 messages a bar, lies above the chart." in seen(answer)


def test_what_the_chart_shows_is_there_as_a_table(viewer, over):
    texts = seen(viewer.get(address(over, "course")))
    at = texts.index("As a table")
    assert texts[at + 2 : at + 5] == ["From", "Delivered", "Not sent"]
    assert texts[at + 6 : at + 8] == ["0", "0"]  # of the empty minute before the only one
    assert texts[at + 9 : at + 11] == ["1", "2"]


def test_it_is_counted_the_same_while_it_runs_and_when_it_is_over(mailing, make_clients):
    settle_all(mailing.pk, Reason.REJECTED, Reason.UNKNOWN)
    kept = list(Batch.objects.values_list("pk", "breakdown"))
    closed = course(mailing)
    Batch.objects.update(breakdown=None, state=0)
    assert course(mailing) == closed
    for pk, breakdown in kept:
        Batch.objects.filter(pk=pk).update(breakdown=breakdown, state=3)
    fold()
    mailing.refresh_from_db()
    assert mailing.breakdown is not None and course(mailing) == closed
    assert closed.reasons == full(mailing)["not_sent_by_reason"] == {"rejected": 1, "unknown": 1}


def test_one_that_runs_is_followed_and_one_that_is_over_is_not(viewer, mailing):
    for part in ("counts", "course", "breakdown"):
        assert 'hx-trigger="every ' in viewer.get(address(mailing, part)).content.decode(), part
    settle_all(mailing.pk)
    fold()
    for part in ("counts", "course", "breakdown"):
        assert "hx-get" not in viewer.get(address(mailing, part)).content.decode(), part


def test_a_part_that_takes_long_is_fetched_seldom(viewer, mailing, monkeypatch):
    for took, every in ((0.001, 5), (2, 400), (30, 600)):
        moments = iter([0.0, took])
        monkeypatch.setattr("soroka.admin.mailing_course.clock", lambda moments=moments: next(moments))
        assert f'every {every}s"' in viewer.get(address(mailing, "breakdown")).content.decode()


def test_its_speed_is_that_of_the_last_looks(viewer, mailing):
    first = viewer.get(address(mailing, "counts&status=running"))
    assert "…" in seen(first)
    assert "look=" in first.content.decode()
    Batch.objects.update(delivered=3)
    before = LastLook().then("", Sample(datetime.now(UTC).timestamp() - 10, {"settled": 0}))
    speed = viewer.get(address(mailing, f"counts&status=running&look={before}")).context["speed"]
    assert 0.2 < speed < 0.4


def test_it_says_when_the_last_is_sent(viewer, mailing):
    assert "The last is sent at about" not in seen(viewer.get(address(mailing, "course")))  # nobody knows how fast
    Gateway.objects.update(rate=0.01)
    ends = viewer.get(address(mailing, "course")).context["forecast"]
    assert timedelta(seconds=150) < ends - datetime.now(UTC) < timedelta(seconds=450)
    pause(mailing.pk)
    assert viewer.get(address(mailing, "course")).context["forecast"] is None


def test_a_long_table_is_folded(viewer, make_clients, make_mailing):
    for code in range(900, 985):
        make_clients(1, operator_code=code)
    answer = viewer.get(address(make_mailing(), "breakdown"))
    assert "75 more" in seen(answer)
    zones, codes = answer.context["tables"]
    assert (len(codes["rows"]), len(codes["folded"])) == (10, 75)
    assert [row["name"] for row in zones["rows"]] == ["Europe/Moscow"] and not zones["folded"]


def test_every_column_has_a_name(viewer, over):
    for part in ("course", "breakdown"):
        page = viewer.get(address(over, part)).content.decode()
        assert "<th></th>" not in page and '<th scope="col"></th>' not in page


def test_its_figures_and_messages_are_had_as_files(viewer, over):
    page = viewer.get(address(over)).content.decode()
    for link in (f"/mailings/{over.pk}/statistics/export.csv", f"/mailings/{over.pk}/messages/export.xlsx"):
        assert f'href="{link}"' in page
        answer = viewer.get(link)
        assert answer.status_code == 200 and b"".join(answer.streaming_content)


def test_the_messages_of_one_that_are_gone_are_not_offered(viewer, over):
    Mailing.objects.update(gone_at=datetime.now(UTC))
    page = viewer.get(address(over)).content.decode()
    assert "messages/export" not in page and "statistics/export" in page
    assert "reason=" not in viewer.get(address(over, "course")).content.decode()
