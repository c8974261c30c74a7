"""The home page: what goes on now, what needs a person, and what was settled when."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from time import time

import psycopg
import pytest
import redis
from django.contrib.auth.models import Group

from soroka.admin.last_look import LastLook, Sample
from soroka.models import Batch, ClientImport, Gateway, Mailing, Message, ReportMail, Restoration
from soroka.queue.hold import leave_alone
from soroka.queue.withdraw import cancel, pause
from soroka.statistics import health
from soroka.statistics.now import SHOWN
from tests.admin.pages import seen

HOME, NOW, TOTALS = "/admin/", "/admin/now/", "/admin/totals/"
pytestmark = pytest.mark.usefixtures("alive")


def texts_of(answer):
    """As one line, with plain spaces in numbers."""
    return " ".join(seen(answer)).replace("\u202f", " ")


def look_in(answer):
    """What the page brings along to the next look."""
    [found] = re.findall(r'name="look" value="([^"]*)"', answer.content.decode())
    return unescape(found)


def settle(mailing, delivered, not_sent=0):
    """In its first batch, which stays open."""
    batch = Batch.objects.filter(mailing=mailing).first()
    Batch.objects.filter(pk=batch.pk).update(delivered=delivered, not_sent=not_sent)


def close(mailing, minute, delivered, not_sent):
    """Its only batch, with all that was settled in one minute."""
    kept = {"codes": {}, "minutes": {minute.isoformat(): [delivered, not_sent]}, "reasons": {}, "last": ""}
    Batch.objects.filter(mailing=mailing).update(
        state=3, total=delivered + not_sent, delivered=delivered, not_sent=not_sent, breakdown=kept
    )


def test_on_an_empty_desk_all_is_well(enter, gateway):
    page = enter("operator", "en").get(HOME)
    assert {"All is well.", "No mailing is under way.", "New mailing", "works", "—"} <= set(seen(page))
    assert "This needs a person:" not in seen(page)
    totals = enter("viewer", "en").get(TOTALS)
    assert seen(totals).count("Nothing was sent.") == 2
    assert b"<canvas" not in totals.content


def test_it_tells_how_far_mailings_are(enter, mailing):
    settle(mailing, 1, 1)
    page = texts_of(enter("viewer", "en").get(HOME))
    assert "News running Delivered: 33.3 %, Not sent: 33.3 % Delivered: 1 Not sent: 1 In process: 1" in page
    assert "Due now 1" in page
    assert "New mailing" not in page  # a viewer makes none


def test_counts_rise_by_themselves_with_a_speed_and_a_forecast(enter, mailing):
    browser = enter("viewer", "en")
    assert "a second" not in texts_of(browser.get(HOME))  # one look tells no speed
    settle(mailing, 2)
    before = LastLook("", [Sample(time() - 20, {f"m{mailing.pk}": 0})])
    answer = browser.get(NOW, {"look": str(before)})
    texts = texts_of(answer)
    assert "Delivered: 2" in texts and "In process: 1" in texts
    assert re.search(r"ends about \d\d:\d\d", texts)
    assert "0.1 a second" in texts
    assert LastLook.read(look_in(answer)).samples[-1].figures[f"m{mailing.pk}"] == 2


def test_the_speed_of_a_gateway_is_told_against_its_limit(enter, mailing, gateway):
    Gateway.objects.update(rate=0.3)
    browser = enter("viewer", "en")
    first = LastLook.read(look_in(browser.get(HOME)))
    [[name]] = [[key for key in sample.figures if key.startswith("g")] for sample in first.samples]
    settle(mailing, 3)
    before = LastLook("", [Sample(time() - 24, {name: first.samples[0].figures[name]})])
    texts = texts_of(browser.get(NOW, {"look": str(before)}))
    assert re.search(r"works (3\d|4[012]) % of the limit 0\.1 a second Limit: 0\.3", texts), texts
    Batch.objects.update(
        state=3, delivered=3, breakdown={"minutes": {f"{datetime.now(UTC):%Y-%m-%dT%H:%M}+00:00": [3, 0]}}
    )
    closed = LastLook.read(look_in(browser.get(NOW, {"look": str(before)})))
    assert closed.samples[-1].figures[name] == 3  # what is closed counts once


def test_nothing_is_sent_where_nothing_has_changed(enter, make_clients, make_mailing):
    make_clients(1)
    mailing = make_mailing(starts_in=600)
    browser = enter("viewer", "en")
    first = browser.get(NOW, {"look": look_in(browser.get(HOME))})  # now it knows a speed: none
    again = browser.get(NOW, {"look": look_in(first)})
    assert again["HX-Reswap"] == "none"
    assert seen(again) == []
    pause(mailing.pk)
    answer = browser.get(NOW, {"look": look_in(again)})
    assert "HX-Reswap" not in answer
    assert "paused" in seen(answer)


@pytest.mark.parametrize(
    "look", ["", ";", "x;y", "a;1,m1", "a;nan,m1=2", "a;1e999,m1=2", "a;1,m1=" + "9" * 5000, ";" * 9000]
)
def test_a_last_look_that_is_not_ours_tells_nothing(enter, mailing, look):
    answer = enter("viewer", "en").get(NOW, {"look": look})
    assert answer.status_code == 200
    assert "a second" not in texts_of(answer)


def test_it_tells_what_comes_next(enter, make_clients, make_mailing):
    make_clients(1)
    waits = make_mailing(name="Waits", starts_in=600)
    begun = make_mailing(name="Begun", starts_in=600)
    Mailing.objects.filter(pk=begun.pk).update(first_due_at=datetime.now(UTC))
    planned = make_mailing(name="Planned")
    Mailing.objects.filter(pk=planned.pk).update(planned_at=None, planned_to=1, last_client_id=4)
    cancelled = make_mailing(name="Cancelled")
    cancel(cancelled.pk)
    texts = texts_of(enter("viewer", "en").get(HOME))
    assert re.search(r"Waits scheduled begins at \d", texts), waits
    assert re.search(r"Begun running goes on at \d", texts)
    assert "Planned being planned 25 % of the clients are looked through" in texts
    assert "Cancelled cancelled what was queued is being withdrawn" in texts


def test_of_many_mailings_those_that_are_sent_come_first(enter, make_clients, make_mailing):
    make_clients(1)
    make_mailing(name="Oldest")
    for number in range(SHOWN + 2):
        make_mailing(name=f"Later {number}", starts_in=600)
    texts = seen(enter("viewer", "en").get(HOME))
    assert "Oldest" in texts
    assert len([text for text in texts if text.startswith("Later ")]) == SHOWN - 1
    assert "and 3 more" in texts


def test_it_tells_how_gateways_fare(enter, gateway):
    Gateway.objects.create(name="fallback")
    soon = datetime.now(UTC) + timedelta(minutes=1)
    Gateway.objects.filter(pk=gateway.pk).update(trouble=3, paused_until=soon, last_error="HTTP 503", rate=None)
    page = enter("viewer", "en").get(HOME)
    texts = texts_of(page)
    assert "default failing No limit Left alone until" in texts
    assert "It failed 3 times in a row." in texts and "HTTP 503" in texts
    assert seen(page).index("default") < seen(page).index("fallback")  # trouble comes first


def test_it_tells_what_waits(enter, mailing):
    ago = datetime.now(UTC) - timedelta(minutes=3)
    Batch.objects.update(next_at=ago)
    browser = enter("viewer", "en")
    assert re.search(r"Due now 3 Oldest due since .* \(3 min\) In work 0", texts_of(browser.get(HOME)))
    Batch.objects.update(state=1, lease_until=ago)
    assert "In work 3 Due later 0 Expired leases 1" in texts_of(browser.get(HOME))


def test_programs_that_are_missing_need_a_person(enter, broker, monkeypatch):
    browser = enter("viewer", "en")
    assert "Workers works Beat works" in texts_of(browser.get(HOME))
    broker.delete("soroka:pulse")
    texts = texts_of(browser.get(HOME))
    assert "This needs a person: Beat does not ring: what becomes due is not sent." in texts
    assert "Workers nobody can tell Beat is missing" in texts
    monkeypatch.setattr(health, "_valkey", lambda: redis.Redis(port=1))
    assert "Broker is missing" in texts_of(browser.get(NOW))


def test_what_needs_a_person_leads_to_where_it_is_mended(enter, mailing, gateway):
    leave_alone(gateway.pk, 60, "HTTP 401 Unauthorized", stop=True)
    failed = ClientImport.objects.create(
        filename="clients.csv", state="failed", detail="No good.", finished_at=datetime.now(UTC)
    )
    doubtful = {"codes": {}, "minutes": {}, "last": "", "reasons": {"unknown": 2}}
    Batch.objects.update(state=3, not_sent=3, breakdown=doubtful)
    values = {"day": datetime.now(UTC).date(), "given_up_at": datetime.now(UTC), "last_error": "550 no such user"}
    ReportMail.objects.create(address="anna@example.org", **values)
    page = enter("admin", "en").get(HOME)
    texts = texts_of(page)
    for words in (
        "Gateway default is stopped: HTTP 401 Unauthorized",
        f"Import {failed.pk} of clients.csv failed. No good.",
        f"2 messages of mailing № {mailing.pk} News are in doubt: they may have been sent.",
        "was not sent to anna@example.org: 550 no such user",
    ):
        assert words in texts
    links = re.findall(r'<a id="need-\d+" href="([^"]+)"', page.content.decode())
    for address in (
        f"gateway/{gateway.pk}/change/",
        f"clientimport/{failed.pk}/change/",
        f"mailing/{mailing.pk}/change/",
    ):
        assert f"/admin/soroka/{address}" in links
    assert "/admin/report/" in links
    assert "anna@example.org" not in texts_of(enter("viewer", "en").get(HOME))


def test_what_was_restored_and_not_released_needs_a_person(enter, gateway):
    Restoration.objects.create(backed_up_at=datetime.now(UTC))
    assert "This needs a person: It was restored from a backup of" in texts_of(enter("viewer", "en").get(HOME))
    Restoration.objects.update(released_at=datetime.now(UTC))
    assert "All is well." in texts_of(enter("viewer", "en").get(HOME))


def test_what_was_sent_once_more_is_no_doubt_any_more(enter, mailing, make_mailing):
    doubtful = {"codes": {}, "minutes": {}, "last": "", "reasons": {"unknown": 2}}
    Batch.objects.update(state=3, not_sent=3, breakdown=doubtful)
    again = make_mailing(name="Again")
    Mailing.objects.filter(pk=again.pk).update(resend_of=mailing)
    assert "in doubt" not in texts_of(enter("viewer", "en").get(HOME))


def test_the_charts_show_the_days_and_hours_of_the_viewer(enter, mailing):
    browser = enter("viewer", "en")
    browser.cookies["desk_zone"] = "Asia/Kathmandu"
    here = datetime.now(UTC) + timedelta(hours=5, minutes=45)
    close(mailing, datetime.now(UTC).replace(second=0, microsecond=0), 2, 1)
    answer = browser.get(TOTALS)
    texts = texts_of(answer)
    assert "Today Delivered: 2 Not sent: 1" in texts and "The last 30 days Delivered: 2 Not sent: 1" in texts
    assert f"{here:%H}:00 2 1" in texts
    assert f"{here.day} {here:%b} 2 1" in texts
    assert "By the clocks of Asia/Kathmandu, UTC+5:45" in texts
    assert answer.content.count(b"<canvas") == 2


def test_the_charts_leave_out_what_is_older_than_thirty_days(enter, mailing, make_mailing):
    now = datetime.now(UTC)
    close(mailing, now - timedelta(days=31), 5, 0)
    other = make_mailing(name="Other")
    close(other, now - timedelta(days=28), 0, 1_234)
    texts = texts_of(enter("viewer", "en").get(TOTALS))
    assert "The last 30 days Delivered: 0 Not sent: 1 234" in texts
    assert "Today Delivered: 0 Not sent: 0" in texts


def test_what_is_settled_in_an_open_batch_is_in_the_charts_at_once(enter, mailing):
    settle(mailing, 1)
    Message.objects.filter(pk=Message.objects.first().pk).update(status=1, settled_at=datetime.now(UTC))
    assert "Today Delivered: 1 Not sent: 0" in texts_of(enter("viewer", "en").get(TOTALS))


@pytest.mark.parametrize("address", [NOW, TOTALS])
def test_whose_session_is_over_is_led_to_the_login(enter, client, address):
    viewer = enter("viewer", "en")
    answer = viewer.get(address)
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    for browser in (client, viewer):
        if browser is viewer:
            Group.objects.get(name="viewer").user_set.clear()
        answer = browser.get(address)
        assert (answer.status_code, answer["HX-Refresh"], answer.content) == (403, "true", b"")


@pytest.fixture
def statements(monkeypatch):
    """Every statement that goes to the database, those that Django does not see too."""
    sent = []
    execute = psycopg.Cursor.execute
    monkeypatch.setattr(
        psycopg.Cursor,
        "execute",
        lambda self, query, *args, **kw: sent.append(query) or execute(self, query, *args, **kw),
    )
    return sent


@pytest.mark.parametrize(("address", "most"), [(HOME, 18), (NOW, 18), (TOTALS, 8)])
def test_a_look_costs_as_many_statements_however_much_goes_on(enter, mailing, make_mailing, statements, address, most):
    browser = enter("operator", "en")
    browser.get(address)

    def cost():
        statements.clear()
        assert browser.get(address).status_code == 200
        return len(statements)

    few = cost()
    for number in range(15):
        make_mailing(name=f"News {number}")
        Gateway.objects.create(name=f"gateway {number}", trouble=number)
    assert cost() == few <= most, statements
