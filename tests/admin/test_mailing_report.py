"""The report of a mailing, which is printed."""

import pytest

from soroka.domain.message import Reason
from soroka.models import Mailing
from soroka.statistics.tally import fold
from tests.admin.pages import seen
from tests.rows import settle_all


@pytest.fixture
def viewer(enter):
    return enter("viewer", "en")


def report(browser, mailing):
    return browser.get(f"/admin/soroka/mailing/{mailing.pk}/report/")


def test_it_says_what_was_sent_when_and_by_whom_and_what_became_of_it(viewer, make_clients, make_mailing, vip, enter):
    make_clients(3)
    mailing = make_mailing(name="Spring sale")
    settle_all(mailing.pk, Reason.REJECTED)
    fold()
    texts = seen(report(viewer, mailing))
    for words in ("Spring sale", "Good day!", "Finished", "Refused by the gateway", "33.3 %", "Europe/Moscow", "916"):
        assert words in texts, words
    assert any(text.startswith("Made at") for text in texts)
    assert any(text.endswith("Times are by the clocks of Europe/Moscow, UTC+3.") for text in texts)


def test_one_that_runs_says_that_its_figures_may_change(viewer, mailing):
    words = "It is not over: the figures may still change."
    assert words in seen(report(viewer, mailing))
    settle_all(mailing.pk)
    assert words not in seen(report(viewer, mailing))


def test_all_rows_of_a_long_table_are_printed(viewer, make_clients, make_mailing):
    for code in range(900, 985):
        make_clients(1, operator_code=code)
    texts = seen(report(viewer, make_mailing()))
    assert {str(code) for code in range(900, 985)} <= set(texts)


def test_the_bars_of_its_drawing_fill_it(viewer, mailing):
    settle_all(mailing.pk, Reason.REJECTED)
    drawing = report(viewer, mailing).context["drawing"]
    assert drawing["top"] == 3
    [*_, bar] = [each for each in drawing["bars"] if each["delivered"]]
    assert bar["delivered"] + bar["not_sent"] == pytest.approx(220, abs=0.1)
    assert bar["not_sent_y"] == pytest.approx(0, abs=0.1)


def test_nobody_without_a_role_sees_it_and_what_is_not_there_is_a_404(viewer, enter, mailing):
    assert viewer.get("/admin/soroka/mailing/999/report/").status_code == 404
    stranger = enter("viewer", "en")
    from django.contrib.auth.models import User

    User.objects.get(username="viewer").groups.clear()
    assert report(stranger, mailing).status_code == 403


def test_a_report_on_a_resend_says_so(viewer, mailing):
    Mailing.objects.create(
        text="Again", filter=mailing.filter, starts_at=mailing.starts_at, ends_at=mailing.ends_at, timezone="UTC",
        gateway=mailing.gateway, resend_of=mailing,
    )  # fmt: skip
    second = Mailing.objects.get(resend_of=mailing)
    assert f"It sends once more what was in doubt of mailing {mailing.pk}." in seen(report(viewer, second))
    assert f"What is in doubt of it was sent once more by mailing {second.pk}." in seen(report(viewer, mailing))
