"""A report as a letter: a subject, a text, and the same as HTML."""

from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from soroka.domain.message import Reason
from soroka.models.words import MAILING_STATUS, REASON
from soroka.report.day import Report, Row, Trouble

_REASONS = {reason.slug: reason for reason in Reason}
_MINUTE, _HOUR, _TENTHS_BELOW = 60, 3600, 10


@dataclass(frozen=True, slots=True)
class Letter:
    """The parts of a message that are the same for every recipient."""

    report: Report
    subject: str
    text: str
    html: str


def letter_of(report: Report, language: str) -> Letter:
    """The report in a language: ``ru`` or ``en``; its times are of the service's zone."""
    with translation.override(language), timezone.override(ZoneInfo(settings.TIME_ZONE)):
        context = _context(report) | {"language": language}
        text, html = (render_to_string(f"soroka/report/day.{kind}", context) for kind in ("txt", "html"))
        return Letter(report, _subject(report), text, html)


def message_to(address: str, letter: Letter) -> EmailMultiAlternatives:
    """The message to one recipient. Its id is the same however often it is sent: mail programs show it once."""
    day = letter.report.day.isoformat()
    key = salted_hmac("soroka.report", f"{day} {address}", algorithm="sha256").hexdigest()[:24]
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    headers = {"Message-ID": f"<report.{day}.{key}@{host}>", "Auto-Submitted": "auto-generated"}
    message = EmailMultiAlternatives(
        letter.subject, letter.text, settings.DEFAULT_FROM_EMAIL or None, [address], headers=headers
    )
    message.attach_alternative(letter.html, "text/html")
    return message


def _subject(report: Report) -> str:
    """Of figures alone: no name that somebody wrote comes into a header."""
    values = {"day": _date(report), "delivered": _number(report.delivered), "not_sent": _number(report.not_sent)}
    if report.is_empty:
        return _("Soroka, %(day)s: no mailings") % values
    return _("Soroka, %(day)s: %(delivered)s delivered, %(not_sent)s not sent") % values


def _context(report: Report) -> dict[str, Any]:
    """Everything in words: both parts say the same."""
    return {
        "subject": _subject(report),
        "day": _date(report),
        "made": date_format(timezone.localtime(), "DATETIME_FORMAT"),
        "zone": settings.TIME_ZONE,
        "is_empty": report.is_empty,
        "figures": [
            (_("Delivered"), _number(report.delivered), "#0f766e"),
            (_("Not sent"), _number(report.not_sent), "#b91c1c" if report.not_sent else "#52525b"),
            (_("Still in process"), _number(report.in_process), "#52525b"),
            (_("Mailings"), _number(len(report.rows) + report.more), "#52525b"),
        ],
        "rows": [_row(row) for row in report.rows],
        "more": _more(report),
        "notes": _notes(report),
        "home": _link("admin:index"),
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "link": _link("admin:soroka_mailing_change", row.mailing_id),
        "status": MAILING_STATUS[row.status],
        "delivered": _number(row.delivered),
        "not_sent": _number(row.not_sent),
        "all": _in_all(row.counts),
        "reasons": [f"{REASON[_REASONS[slug]]}: {_number(count)}" for slug, count in row.reasons],
        "lateness": _lateness(row.lateness),
    }


def _in_all(counts: dict[str, int]) -> str:
    numbers = {name: _number(count) for name, count in counts.items()}
    words = _("%(delivered)s of %(total)s delivered, %(not_sent)s not sent") % numbers
    return words + (", " + _("%(in_process)s in process") % numbers if counts["in_process"] else "")


def _lateness(lateness: dict[str, float | None]) -> str:
    if (usual := lateness["p99"]) is None or (most := lateness["max"]) is None:
        return ""
    values = {"usual": duration(usual), "most": duration(most)}
    return _("99 %% within %(usual)s, the latest after %(most)s") % values


def _more(report: Report) -> str:
    words = ngettext("and %(count)s more mailing", "and %(count)s more mailings", report.more)
    return words % {"count": _number(report.more)} if report.more else ""


def _notes(report: Report) -> list[tuple[str, str]]:
    """What needs a person, each a sentence and an address."""
    notes = [(_gateway(gateway), _link("admin:soroka_gateway_change", gateway.id)) for gateway in report.gateways]
    for each in report.imports:
        failed = _("The import of %(name)s failed.") % {"name": each.name}
        notes.append((failed, _link("admin:soroka_clientimport_change", each.id)))
    if report.doubtful:
        words = ngettext(
            "%(count)s message is in doubt: it may have been sent, and nobody can say.",
            "%(count)s messages are in doubt: they may have been sent, and nobody can say.",
            report.doubtful,
        )
        notes.append((words % {"count": _number(report.doubtful)}, ""))
    return notes


def _gateway(gateway: Trouble) -> str:
    stopped = _("The gateway %(name)s is stopped and waits for a person.")
    left_alone = _("The gateway %(name)s is in trouble; it is probed by itself.")
    return (stopped if gateway.is_stopped else left_alone) % {"name": gateway.name}


def duration(seconds: float) -> str:
    """In the unit that fits, in words."""
    if seconds < _MINUTE:
        digits = 1 if seconds < _TENTHS_BELOW else 0
        return _("%(number)s s") % {"number": number_format(round(seconds, digits), digits)}
    if seconds < _HOUR:
        return _("%(number)s min") % {"number": _number(round(seconds / _MINUTE))}
    return _("%(number)s h") % {"number": number_format(seconds / _HOUR, 1)}


def _link(name: str, *args: object) -> str:
    """The full address of a page of the desk; empty where the service's own is not known."""
    return settings.PUBLIC_URL + reverse(name, args=args) if settings.PUBLIC_URL else ""


def _date(report: Report) -> str:
    return date_format(report.day, "DATE_FORMAT")


def _number(count: int) -> str:
    return number_format(count, force_grouping=True)
