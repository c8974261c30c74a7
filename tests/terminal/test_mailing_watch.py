import json
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.utils import translation
from rich.console import Console

from soroka.domain.message import MailingStatus
from soroka.models import Batch
from soroka.queue.close import close_next
from soroka.queue.withdraw import cancel
from soroka.statistics.tally import Counts
from soroka.terminal.watching import Meter, Seen, picture


@pytest.fixture
def mailing(make_clients, make_mailing):
    make_clients(3)
    return make_mailing()


@pytest.fixture
def meanwhile(monkeypatch):
    """``meanwhile(first, second)``: what happens in each pause between two looks."""

    def become(*acts):
        coming = iter(acts)
        monkeypatch.setattr("soroka.terminal.watching.time.sleep", lambda _seconds: next(coming)())

    return become


def settle(delivered):
    """Close the batch, so many of its three messages delivered."""
    Batch.objects.update(state=3, delivered=delivered, not_sent=3 - delivered)


def test_it_tells_a_line_for_each_change_until_it_is_over(soroka, mailing, meanwhile):
    meanwhile(lambda: None, lambda: Batch.objects.update(delivered=1), lambda: settle(2))
    done = soroka("mailing", "watch", mailing.pk, "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert [(line["status"], line["delivered"], line["not_sent"], line["in_process"]) for line in lines] == [
        ("running", 0, 0, 3), ("running", 1, 0, 2), ("finished", 2, 1, 0),
    ]  # fmt: skip
    assert lines[1].keys() == {
        "id", "status", "total", "in_process", "delivered", "not_sent", "per_second", "forecast_ends_at",
    }  # fmt: skip
    assert lines[1]["per_second"] > 0
    assert lines[1]["forecast_ends_at"]


def test_a_log_gets_lines_without_colours(soroka, mailing, meanwhile):
    meanwhile(lambda: settle(3))
    lines = soroka("mailing", "watch", mailing.pk).stdout.splitlines()
    assert len(lines) == 2
    assert lines[0].endswith("running  delivered 0 not sent 0 in process 3")
    assert lines[1].endswith("finished  delivered 3 not sent 0 in process 0")


def test_a_cancelled_one_ends_with_1_once_nothing_is_on_its_way(soroka, mailing, meanwhile):
    cancel(mailing.pk)
    meanwhile(lambda: [close_next(), close_next()])
    done = soroka("mailing", "watch", mailing.pk, "--json")
    assert done.exit_code == 1
    assert [json.loads(line)["in_process"] for line in done.stdout.splitlines()] == [3, 0]


def test_one_of_which_nothing_was_delivered_ends_with_1(soroka, mailing, meanwhile):
    meanwhile(lambda: settle(0))
    assert soroka("mailing", "watch", mailing.pk).exit_code == 1


def test_ctrl_c_leaves_it_running(soroka, mailing, meanwhile):
    def interrupt():
        raise KeyboardInterrupt

    meanwhile(interrupt)
    done = soroka("mailing", "watch", mailing.pk, "--json")
    assert done.exit_code == 130
    assert len(done.stdout.splitlines()) == 1
    mailing.refresh_from_db()
    assert mailing.cancelled_at is None
    assert mailing.paused_at is None


def test_one_that_is_removed_meanwhile_is_not_found(soroka, mailing, meanwhile):
    meanwhile(mailing.delete)
    assert soroka("mailing", "watch", mailing.pk).exit_code == 3


def test_the_speed_is_that_of_the_last_seconds():
    meter = Meter()
    assert meter.record(0, 0.0) is None
    assert meter.record(100, 10.0) == 10
    for second in range(11, 40):
        speed = meter.record(100 + (second - 10) * 50, float(second))
    assert speed == 50


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_person_sees_status_bar_and_all_counts_at_any_width(mailing, width):
    now = datetime.now(UTC)
    seen = Seen(mailing.pk, MailingStatus.RUNNING, Counts(1_000_000, 600_000, 390_000, 10_000), 1234.5, now)
    console = Console(width=width, file=StringIO(), force_terminal=True, color_system=None)
    with translation.override("en"):
        console.print(picture(seen, width))
    lines = console.file.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    words = " ".join(" ".join(lines).split())
    for part in ("News", "running", "40 %", "390,000", "10,000", "600,000", "a second", "ends about"):
        assert part in words
