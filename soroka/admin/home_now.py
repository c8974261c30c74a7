"""The live part of the home page, in words."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from soroka.admin import words
from soroka.admin.gateway_page import health_of
from soroka.admin.last_look import LastLook, Sample
from soroka.admin.mailing_course import shares_of
from soroka.domain.message import MailingStatus
from soroka.domain.rest import ends_at
from soroka.report.letter import duration
from soroka.statistics.health import Service, Services
from soroka.statistics.needs import Need
from soroka.statistics.now import AtGateway, Now, UnderWay

#: In these something is being settled.
_SENDING = {MailingStatus.RUNNING, MailingStatus.PLANNING}
#: Messages a second from which on they are told without decimals.
_MANY = 10
#: By the code of a need: the page that it leads to, and who may see that.
_PAGES = {
    "gateway_stopped": ("admin:soroka_gateway_change", "soroka.view_gateway"),
    "in_doubt": ("admin:soroka_mailing_change", "soroka.view_mailing"),
    "import_failed": ("admin:soroka_clientimport_change", "soroka.view_clientimport"),
    "report_given_up": ("desk-report", "soroka.view_reportmail"),
}


def sample_of(seen: Now, at: datetime) -> Sample:
    """The figures by whose growth speeds are told."""
    settled = {_name(row): row.counts.delivered + row.counts.not_sent for row in seen.mailings}
    delivered = {_name_at(row, seen): row.delivered for row in seen.gateways}
    return Sample(at.timestamp(), settled | delivered)


def context_of(seen: Now, last: LastLook, sample: Sample, user: Any) -> dict[str, Any]:
    """What the template shows. user: who looks; he is told of what he may see."""
    return {
        "needs": list(_needs(seen.needs, user)),
        "mailings": [_mailing(row, last.speed(_name(row), sample)) for row in seen.mailings],
        "more_mailings": seen.mailings_in_all - len(seen.mailings),
        "gateways": [_gateway(row, last.speed(_name_at(row, seen), sample)) for row in seen.gateways],
        "more_gateways": seen.gateways_in_all - len(seen.gateways),
        "queue": seen.queue,
        "overdue": duration(seen.queue.overdue_seconds),
        "programs": _programs(seen.services),
    }


def _name(row: UnderWay) -> str:
    return f"m{row.mailing.pk}"


def _name_at(row: AtGateway, seen: Now) -> str:
    """Another one each hour: the figure begins anew then."""
    return f"g{row.gateway.pk}h{seen.since:%H}"


def _needs(found: Iterable[Need], user: Any) -> Iterator[tuple[str, str]]:
    """Each a sentence and the address of the page that says more; none of a page that the user may not see."""
    for need in found:
        page, permission = _PAGES.get(need.code, ("", ""))
        if not page:
            yield need.words, ""
        elif user.has_perm(permission):
            yield need.words, reverse(page, args=[need.row] if need.row else [])


def _mailing(row: UnderWay, speed: float | None) -> dict[str, Any]:
    four = row.counts.as_dict()
    return {
        "pk": row.mailing.pk,
        "name": str(row.mailing),
        "status": words.MAILING_STATUS[row.status],
        "colour": words.MAILING_COLOURS.get(row.status, ""),
        "counts": four,
        "shares": shares_of(four),
        "speed": _number(speed) if row.status in _SENDING else "",
        "ahead": _ahead(row, speed),
    }


def _ahead(row: UnderWay, speed: float | None) -> str:
    """What comes next for it, as far as that is known."""
    match row.status:
        case MailingStatus.SCHEDULED if row.mailing.first_due_at:
            return _("begins at %(time)s") % {"time": _clock(row.mailing.first_due_at)}
        case MailingStatus.PLANNING:
            share = 100 * row.mailing.planned_to // (row.mailing.last_client_id or 1)
            return _("%(share)s %% of the clients are looked through") % {"share": min(share, 100)}
        case MailingStatus.RUNNING:
            return _forecast(row, speed)
        case MailingStatus.CANCELLED:
            return _("what was queued is being withdrawn")
    return ""


def _forecast(row: UnderWay, speed: float | None) -> str:
    now = timezone.now()
    last = max((each.last_at for each in row.open_ if each.last_at), default=None)
    deadline = max((each.ends_at for each in row.open_), default=now)
    if end := ends_at(now, row.counts.in_process, speed, last, deadline):
        return _("ends about %(time)s") % {"time": _clock(end + timedelta(seconds=30))}
    following = min((each.next_at for each in row.open_ if each.next_at), default=None)
    if following and not any(each.due or each.in_work for each in row.open_):
        return _("goes on at %(time)s") % {"time": _clock(following)}
    return ""


def _gateway(row: AtGateway, speed: float | None) -> dict[str, Any]:
    state, colour, sentence = health_of(row.gateway)
    fares_well = colour == "success"
    if row.gateway.stopped_at:  # where it is mended what needs a person leads to
        sentence = _("It is probed with a single message once a minute.")
    return {
        "pk": row.gateway.pk,
        "name": row.gateway.name,
        "state": state,
        "colour": colour,
        "sentence": "" if fares_well else sentence,
        "until": row.gateway.paused_until if row.gateway.paused_until > timezone.now() else None,
        "error": "" if fares_well else row.gateway.last_error,
        "speed": _number(speed),
        "rate": _number(row.gateway.rate),
        "share": min(100 * speed / row.gateway.rate, 100) if speed is not None and row.gateway.rate else None,
    }


def _programs(services: Services) -> list[tuple[str, str, str]]:
    """Name, state and its colour."""
    said = {
        Service.OK: (pgettext("program", "works"), "success"),
        Service.MISSING: (pgettext("program", "is missing"), "danger"),
        Service.UNKNOWN: (pgettext("program", "nobody can tell"), "warning"),
    }
    names = {"broker": _("broker"), "worker": _("workers"), "beat": _("beat")}
    return [(names[name], *said[state]) for name, state in asdict(services).items()]


def _clock(at: datetime) -> str:
    """To the minute; with the day where that is not today's."""
    here = timezone.localtime(at)
    is_today = here.date() == timezone.localdate()
    return date_format(here, "TIME_FORMAT" if is_today else "SHORT_DATETIME_FORMAT")


def _number(speed: float | None) -> str:
    """With decimals where it is small; nothing where nobody knows."""
    if speed is None:
        return ""
    told = round(speed, 0 if speed >= _MANY else 1)
    return number_format(told, 0 if told.is_integer() else 1, force_grouping=True)
