"""The daily report on the desk."""

from datetime import UTC, datetime, timedelta

import pytest

from soroka.models import ReportMail
from tests.admin.pages import seen

YESTERDAY = datetime.now(UTC) - timedelta(days=1)


def test_it_says_that_nobody_gets_it(enter):
    assert any("is sent to nobody" in text for text in seen(enter("admin", "en").get("/admin/report/")))


def test_it_says_who_gets_it_and_what_became_of_it(enter, settings):
    settings.REPORT_TO = ["anna@example.org", "boris@example.org"]
    values = {"day": YESTERDAY.date(), "tries": 10}
    ReportMail.objects.create(address="anna@example.org", sent_at=YESTERDAY, **values)
    error = "SMTPServerDisconnected: it hung up"
    ReportMail.objects.create(address="boris@example.org", given_up_at=YESTERDAY, last_error=error, **values)
    said = " ".join(seen(enter("admin", "en").get("/admin/report/")))
    assert "08:00" in said and "is sent to anna@example.org, boris@example.org." in said
    assert f"not sent, and not tried any more: {error}" in said


@pytest.mark.parametrize(("language", "says"), [("ru", "рассылок не было"), ("en", "No mailing was active")])
def test_the_letter_asks_nothing_of_the_outside(enter, language, says):
    answer = enter("admin", language).get("/admin/report/letter")
    assert says in answer.content.decode()
    assert answer["Content-Security-Policy"].startswith("default-src 'none';")
    assert answer["X-Frame-Options"] == "SAMEORIGIN"


def test_the_page_alone_may_show_the_letter_in_a_frame(enter):
    admin = enter("admin")
    assert "frame-src 'self'" in admin.get("/admin/report/")["Content-Security-Policy"]
    assert "frame-src" not in admin.get("/admin/")["Content-Security-Policy"]


@pytest.mark.parametrize("day", ["1026-11-28", "3026-11-28", "yesterday"])
def test_a_day_of_which_nobody_knows_is_refused(enter, day):
    admin = enter("admin", "en")
    assert admin.get(f"/admin/report/letter?day={day}").status_code == 404
    assert "<iframe" not in admin.get(f"/admin/report/?day={day}").content.decode()


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_addresses_are_shown_to_administrators_alone(enter, role):
    for address in ("/admin/report/", "/admin/report/letter"):
        assert enter(role).get(address).status_code == 403
