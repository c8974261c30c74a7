"""The daily report, from the database to a real SMTP server."""

import logging
import re
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection

from soroka.domain.message import BatchState, Reason, Status
from soroka.models import Batch, Client, ClientImport, Gateway, ImportState, Mailing, Message, ReportMail
from soroka.models.breakdown import measure
from soroka.report import send
from soroka.report.day import readable, report_of
from soroka.report.send import MOST_TRIES, due_days, send_due
from soroka.statistics.condition import reports_given_up
from soroka.statistics.tally import fold
from soroka.tasks import report as task
from tests.mail_server import MailServer, parts

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Mailing]
MakeClients = Callable[..., list[Client]]

DAY = date(2026, 11, 28)
NOON = datetime(2026, 11, 28, 9, tzinfo=UTC)  # 12:00 in Moscow
NEXT_MORNING = datetime(2026, 11, 29, 6, tzinfo=UTC)  # 09:00 there
ANNA, BORIS = "anna@example.org", "boris@example.org"


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    """The report is on, to two recipients, and it is the morning after ``DAY``."""
    server = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
    settings.REPORT_TO, settings.REPORT_HOUR, settings.REPORT_LANGUAGE = [ANNA, BORIS], 8, "en"
    settings.DEFAULT_FROM_EMAIL, settings.PUBLIC_URL = "Soroka <soroka@example.org>", "https://soroka.example.org"
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """``now(moment)``: what the database's clock says to whoever asks whether a report is due."""

    def set_clock(moment: datetime) -> None:
        monkeypatch.setattr(send, "database_now", lambda: moment)

    set_clock(NEXT_MORNING)
    return set_clock


@pytest.fixture
def settled(make_clients: MakeClients, make_mailing: Make) -> Callable[..., Mailing]:
    """``settled(3, 1, at=NOON)``: a mailing with three messages delivered and one refused at that moment."""

    def settle(delivered: int, rejected: int = 0, *, at: datetime = NOON, **fields: Any) -> Mailing:
        Client.objects.all().delete()
        make_clients(delivered + rejected)
        mailing = make_mailing(**fields)
        ids = list(Message.objects.filter(mailing=mailing).order_by("id").values_list("id", flat=True))
        mine = Message.objects.filter(mailing=mailing)
        mine.filter(id__in=ids[:delivered]).update(status=Status.DELIVERED, settled_at=at)
        refused = {"status": Status.NOT_SENT, "reason": Reason.REJECTED, "settled_at": at}
        mine.filter(id__in=ids[delivered:]).update(**refused)
        for batch in Batch.objects.filter(mailing=mailing):
            batch.delivered, batch.not_sent, batch.state = delivered, rejected, BatchState.CLOSED
            batch.breakdown = measure([(batch.id_from, batch.id_to)]).to_json()
            batch.save()
        Mailing.objects.filter(pk=mailing.pk).update(first_due_at=at)
        fold()
        Mailing.objects.filter(pk=mailing.pk).update(over_at=at)
        return mailing

    return settle


def later() -> None:
    """Let the pause after a try be over."""
    ReportMail.objects.update(next_at=datetime.now(UTC) - timedelta(seconds=1))


def test_both_parts_tell_of_yesterdays_mailings(mail_server: MailServer, settled: Callable[..., Mailing]) -> None:
    mailing = settled(3, 1, name="Autumn <sale>")
    settled(7, name="Of the day before", at=NOON - timedelta(days=1))
    settled(9, name="Of today", at=NOON + timedelta(days=1))
    Gateway.objects.update(stopped_at=NOON)
    ClientImport.objects.create(filename="clients.csv", state=ImportState.FAILED, finished_at=NOON)
    assert send_due() == 2
    assert mail_server.recipients == [ANNA, BORIS]
    address, letter = mail_server.letters[0]
    assert (letter["to"], letter["from"]) == (address, "Soroka <soroka@example.org>")
    assert letter["subject"] == "Soroka, 28 November 2026: 3 delivered, 1 not sent"
    text, html = parts(letter)
    for part, name in ((text, "Autumn <sale>"), (html, "Autumn &lt;sale&gt;")):
        assert f"https://soroka.example.org/admin/soroka/mailing/{mailing.pk}/change/" in part
        for words in (name, "finished", "3 of 4 delivered, 1 not sent", "refused by the gateway: 1"):
            assert words in part
        assert "The gateway default is stopped" in part and "The import of clients.csv failed." in part
        assert "Of the day before" not in part and "Of today" not in part
    assert not re.search(r"\d{10}", text)
    assert not re.search(r"(src|srcset|background)=|url\(|<link|<img", html)


def test_it_speaks_russian(mail_server: MailServer, settled: Callable[..., Mailing], settings: Any) -> None:
    settings.REPORT_LANGUAGE = "ru"
    settled(1, 1)
    send_due()
    letter = mail_server.letters[0][1]
    assert letter["subject"].strip() == "Сорока, 28 ноября 2026 г.: доставлено 1, не отправлено 1"
    for part in parts(letter):
        assert "завершена" in part and "отклонено шлюзом" in part


def test_the_day_is_that_of_the_services_zone(settled: Callable[..., Mailing]) -> None:
    settled(1, at=datetime(2026, 11, 27, 20, 59, tzinfo=UTC))
    settled(2, at=datetime(2026, 11, 27, 21, 0, tzinfo=UTC))
    settled(4, at=datetime(2026, 11, 28, 20, 59, tzinfo=UTC))
    settled(8, at=datetime(2026, 11, 28, 21, 0, tzinfo=UTC))
    assert report_of(DAY).delivered == 6


def test_an_open_mailing_is_told_of_with_what_is_in_process(make_clients: MakeClients, make_mailing: Make) -> None:
    make_clients(5)
    mailing = make_mailing()
    Mailing.objects.update(first_due_at=NOON)
    Message.objects.filter(pk=Message.objects.first().pk).update(status=Status.DELIVERED, settled_at=NOON)  # type: ignore[union-attr]
    Batch.objects.update(delivered=1)
    report = report_of(DAY)
    assert [(row.mailing_id, row.delivered, row.counts["in_process"]) for row in report.rows] == [(mailing.pk, 1, 4)]
    assert report.in_process == 4


def test_a_day_without_mailings_says_so(mail_server: MailServer) -> None:
    send_due()
    letter = mail_server.letters[0][1]
    assert letter["subject"] == "Soroka, 28 November 2026: no mailings"
    for part in parts(letter):
        assert part.count("No mailing was active on this day.") == 1


def test_a_name_writes_no_header_and_shows_no_phone(mail_server: MailServer, settled: Callable[..., Mailing]) -> None:
    settled(1, name="Sale\r\nBcc: eve@example.org\r\n\r\nCall +7 (916) 123-45-67")
    send_due()
    letter = mail_server.letters[0][1]
    assert "bcc" not in letter and mail_server.recipients == [ANNA, BORIS]
    text, html = parts(letter)
    assert "* Sale Bcc: eve@example.org Call … (finished)" in text
    assert "123-45-67" not in html


def test_a_name_is_one_line_that_nothing_turns_around() -> None:
    assert readable("a\u202eb\x00c\u2028d") == "a b c d"
    assert readable("79161234567 and 8 916 123 45 67, 2026-11-28") == "… and …, 2026-11-28"


def test_it_is_sent_once_a_day(mail_server: MailServer, now: Callable[[datetime], None]) -> None:
    for _ in range(3):
        task()
        later()
    assert mail_server.recipients == [ANNA, BORIS]
    now(NEXT_MORNING + timedelta(days=1))
    task()
    assert mail_server.recipients == [ANNA, ANNA, BORIS, BORIS]
    assert len({letter["message-id"] for _, letter in mail_server.letters}) == 4


def test_it_waits_for_its_hour(mail_server: MailServer, now: Callable[[datetime], None]) -> None:
    now(datetime(2026, 11, 29, 4, 59, tzinfo=UTC))
    assert send_due() == 0
    now(datetime(2026, 11, 29, 5, 0, tzinfo=UTC))
    assert send_due() == 2


def test_what_was_missed_is_sent_as_soon_as_it_can_be(mail_server: MailServer) -> None:
    ReportMail.objects.create(day=DAY - timedelta(days=3), address=ANNA, sent_at=NOON)
    ReportMail.objects.create(day=DAY - timedelta(days=3), address=BORIS, sent_at=NOON)
    assert send_due() == 6
    assert [letter["subject"][8:14] for address, letter in mail_server.letters if address == ANNA] == [
        "26 Nov", "27 Nov", "28 Nov",
    ]  # fmt: skip


def test_after_a_long_absence_it_catches_up_on_a_week(settings: Any) -> None:
    ReportMail.objects.create(day=DAY - timedelta(days=100), address=ANNA, sent_at=NOON)
    assert due_days(NEXT_MORNING) == [DAY - timedelta(days=number) for number in range(6, -1, -1)]


def test_a_server_that_is_away_is_tried_again(mail_server: MailServer, settings: Any) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = closed.getsockname()[1]
        assert send_due() == 0
        assert send_due() == 0
    assert set(ReportMail.objects.values_list("tries", "sent_at")) == {(1, None)}
    later()
    settings.EMAIL_PORT = mail_server.port
    assert send_due() == 2
    assert mail_server.recipients == [ANNA, BORIS]


def test_a_server_that_never_answers_is_not_waited_for(mail_server: MailServer, settings: Any) -> None:
    settings.REPORT_TO, settings.EMAIL_TIMEOUT = [ANNA], 0.2
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_PORT = silent.getsockname()[1]
        assert send_due() == 0
    assert "timed out" in ReportMail.objects.get().last_error


def test_one_message_keeps_its_id_through_every_try(mail_server: MailServer, settings: Any) -> None:
    settings.REPORT_TO = [ANNA]
    send_due()
    ReportMail.objects.update(sent_at=None)  # its worker died before it could write this down
    later()
    send_due()
    first, second = (letter["message-id"] for _, letter in mail_server.letters)
    assert first == second


def test_the_pauses_grow_and_it_is_given_up_at_last(
    mail_server: MailServer, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REPORT_TO = [ANNA]
    mail_server.answers = {"DATA": "451 later"}
    pauses = []
    for _ in range(MOST_TRIES + 2):
        before = datetime.now(UTC)
        send_due()
        pauses.append(round((ReportMail.objects.get().next_at - before).total_seconds() / 10) * 10)
        assert bool(reports_given_up()) == (len(pauses) >= MOST_TRIES)
        later()
    assert pauses[:6] == [150, 300, 600, 1200, 2400, 3600]
    [mail] = reports_given_up()
    assert (mail.tries, mail.address, mail.day) == (MOST_TRIES, ANNA, DAY)
    assert "451" in mail.last_error
    [line] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert line.getMessage().startswith("the report of 2026-11-28 to anna@example.org is given up after 10 tries: ")


def test_whom_the_server_does_not_know_keeps_nobody_waiting(mail_server: MailServer) -> None:
    mail_server.answers = {ANNA: "550 no such user"}
    assert send_due() == 1
    assert mail_server.recipients == [BORIS]
    assert [mail.address for mail in reports_given_up()] == [ANNA]


def test_two_workers_at_once_send_one_letter_to_each(mail_server: MailServer, settings: Any) -> None:
    settings.REPORT_TO = [f"reader{number}@example.org" for number in range(6)]
    together = threading.Barrier(2)

    def work(_: int) -> int:
        together.wait(10)
        try:
            return send_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as workers:
        assert sum(workers.map(work, range(2))) == 6
    assert mail_server.recipients == settings.REPORT_TO


def test_a_recipient_who_came_later_gets_the_last_one(mail_server: MailServer, settings: Any) -> None:
    settings.REPORT_TO = [ANNA]
    send_due()
    settings.REPORT_TO = [ANNA, BORIS]
    assert send_due() == 1
    settings.REPORT_TO = []
    assert send_due() == 0
    assert mail_server.recipients == [ANNA, BORIS]


def test_beat_rings_for_it() -> None:
    entries = [entry["task"] for entry in django_settings.CELERY_BEAT_SCHEDULE.values()]
    assert task.name in entries


def test_the_command_sends_to_whom_it_is_told(mail_server: MailServer, settled: Callable[..., Mailing]) -> None:
    settled(1, name="Autumn")
    call_command("send_report", "--day", "2026-11-28", "--to", "eve@example.org")
    assert mail_server.recipients == ["eve@example.org"]
    assert "Autumn" in parts(mail_server.letters[0][1])[0]
    assert send_due() == 2


def test_the_command_mends_what_was_given_up(mail_server: MailServer) -> None:
    mail_server.answers = {ANNA: "550 no such user"}
    send_due()
    assert reports_given_up()
    mail_server.answers = {}
    call_command("send_report", "--day", "2026-11-28")
    assert not reports_given_up()


def test_the_command_shows_it_and_sends_nothing(
    mail_server: MailServer, settled: Callable[..., Mailing], capsys: pytest.CaptureFixture[str]
) -> None:
    settled(1, name="Autumn")
    call_command("send_report", "--day=2026-11-28", "--print", "--language=ru")
    said = capsys.readouterr().out
    assert said.startswith("Сорока, 28 ноября 2026 г.: доставлено 1")
    assert "Autumn" in said
    assert not mail_server.letters


@pytest.mark.parametrize(
    ("arguments", "changed", "said"),
    [
        (["--day=28.11.2026"], {}, "no day"),
        (["--to=nobody"], {}, "no e-mail address"),
        ([], {"REPORT_TO": []}, "set REPORT_TO"),
        ([], {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}, "EMAIL_URL is not set"),
        ([], {"EMAIL_PORT": 1}, "EMAIL_URL did not take it"),
    ],
)
def test_the_command_says_what_is_wrong(
    mail_server: MailServer, settings: Any, arguments: list[str], changed: dict[str, Any], said: str
) -> None:
    for name, value in changed.items():
        setattr(settings, name, value)
    with pytest.raises(CommandError, match=said):
        call_command("send_report", *arguments)
