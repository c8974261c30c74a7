"""Sending what is due, once to each recipient, however many workers and beats there are."""

import logging
import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from smtplib import SMTPRecipientsRefused
from zoneinfo import ZoneInfo

from django.conf import settings

from soroka.models import ReportMail
from soroka.models.clock import database_now
from soroka.models.restoration import is_held
from soroka.models.statement import run
from soroka.report.day import report_of
from soroka.report.letter import Letter, letter_of, message_to

log = logging.getLogger(__name__)

#: Tries of one message, and the pause after the first, which doubles up to an hour: five hours in all. It is longer
#: than a task may take (``CELERY_TASK_TIME_LIMIT``): whoever begins the next try, the last one is over.
MOST_TRIES = 10
_FIRST_PAUSE, _LONGEST_PAUSE = 150, 3600
#: A service that was down catches up on so many days.
CATCHES_UP_DAYS = 7
#: For how many days what became of reports is on record.
_KEPT_DAYS = 90
#: Seconds after which a run begins no further message: the next signal goes on.
_BUDGET = 40.0
_PERMANENT = 500

_NOTE = """
INSERT INTO soroka_reportmail (day, address)
SELECT day, address FROM unnest(%(days)s::date[]) AS day, unnest(%(addresses)s::text[]) AS address
    ON CONFLICT DO NOTHING RETURNING id
"""
# One statement: who comes second finds the next try moved on.
_CLAIM = """
UPDATE soroka_reportmail mail
   SET tries = mail.tries + 1,
       next_at = clock_timestamp() + make_interval(secs => least(%(longest)s, %(first)s * 2.0 ^ least(mail.tries, 20)))
  FROM (SELECT id FROM soroka_reportmail
         WHERE sent_at IS NULL AND given_up_at IS NULL AND next_at <= clock_timestamp() AND address = ANY(%(addresses)s)
         ORDER BY day, id LIMIT 1 FOR UPDATE SKIP LOCKED) due
 WHERE mail.id = due.id
RETURNING mail.id, mail.day, mail.address, mail.tries
"""


def send_due() -> int:
    """Send the report of yesterday, and of days that were missed, to whom it is due; returns how many were sent.

    Raises nothing that a mail server can cause: what fails is tried again by a later call, and given up at last.
    """
    if not settings.REPORT_TO or is_held():
        return 0
    _note(due_days(database_now()))
    letters: dict[date, Letter] = {}
    end = time.monotonic() + _BUDGET
    sent = 0
    while time.monotonic() < end and (claimed := _claim()):
        sent += _try(*claimed, letters)
    return sent


def due_days(now: datetime) -> list[date]:
    """The days whose report is due, oldest first: those that were missed, ``CATCHES_UP_DAYS`` at most, and yesterday.

    The days before the first report are nobody's.
    """
    here = now.astimezone(ZoneInfo(settings.TIME_ZONE))
    latest = here.date() - timedelta(days=1 if here.hour >= settings.REPORT_HOUR else 2)
    last = ReportMail.objects.order_by("-day").values_list("day", flat=True).first()
    if last is None:
        return [latest] if here.hour >= settings.REPORT_HOUR else []
    first = max(last, latest - timedelta(days=CATCHES_UP_DAYS - 1))
    return [first + timedelta(days=number) for number in range((latest - first).days + 1)]


def send_now(day: date, addresses: Sequence[str], language: str) -> None:
    """Send a day's report at once, whatever was sent before. Raises what the mail server causes."""
    letter = letter_of(report_of(day), language)
    for address in addresses:
        message_to(address, letter).send()
        # Whoever is waiting for the report of this day has it now.
        ReportMail.objects.filter(day=day, address=address, sent_at=None).update(sent_at=database_now(), last_error="")


def _note(days: Sequence[date]) -> None:
    """Have a row for each of the days and recipients; a recipient who came later gets the last one too."""
    if days and run(_NOTE, {"days": list(days), "addresses": settings.REPORT_TO}):
        ReportMail.objects.filter(day__lt=days[-1] - timedelta(days=_KEPT_DAYS)).delete()


def _claim() -> tuple[int, date, str, int] | None:
    values = {"first": _FIRST_PAUSE, "longest": _LONGEST_PAUSE, "addresses": settings.REPORT_TO}
    return next(iter(run(_CLAIM, values)), None)


def _try(mail_id: int, day: date, address: str, tries: int, letters: dict[date, Letter]) -> bool:
    """Whether the mail server took it."""
    mail = ReportMail.objects.filter(pk=mail_id, sent_at=None)
    try:
        if day not in letters:
            letters[day] = letter_of(report_of(day), settings.REPORT_LANGUAGE)
        message_to(address, letters[day]).send()
    except Exception as error:  # whatever it is, it must not come again every minute for ever
        over = tries >= MOST_TRIES or _is_final(error)
        mail.update(last_error=_said(error), given_up_at=database_now() if over else None)
        _log_failure(day, address, tries, error, over=over)
        return False
    mail.update(sent_at=database_now(), last_error="")
    log.info("the report of %s is sent to %s", day, address)
    return True


def _is_final(error: Exception) -> bool:
    """Whether the mail server refused this recipient for good."""
    return isinstance(error, SMTPRecipientsRefused) and all(code >= _PERMANENT for code, _ in error.recipients.values())


def _log_failure(day: date, address: str, tries: int, error: Exception, *, over: bool) -> None:
    said = _said(error)
    if over:
        log.error("the report of %s to %s is given up after %d tries: %s", day, address, tries, said)
    else:
        log.warning("the report of %s to %s was not sent, try %d of %d: %s", day, address, tries, MOST_TRIES, said)


def _said(error: Exception) -> str:
    """One line, as long as its column."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
