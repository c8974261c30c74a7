"""What happened on a day: the mailings that were active, and what is in trouble."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from soroka.domain.message import MailingStatus
from soroka.models import ClientImport, Gateway, ImportState, Mailing
from soroka.statistics.tally import full, statuses

#: Mailings that have a row of their own in a report, and imports and gateways that are named.
MOST_ROWS, MOST_NAMED = 50, 10
_REASONS_SHOWN = 3
#: A number in groups that may be somebody's phone. A report is kept for longer than a client who asks to be erased.
_PHONE = re.compile(r"\+?\d(?:[\s().-]{0,2}\d){9,14}(?!\d)")
#: What would end a line, turn a text around or is not seen at all.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\u200b-\u200f\ufeff]+")


@dataclass(frozen=True, slots=True)
class Row:
    """A mailing that was active on the day.

    delivered, not_sent: on the day.  counts, reasons, lateness: of the whole mailing until now, as
    ``soroka.statistics.tally.full`` gives them; of the reasons only the most frequent.
    """

    mailing_id: int
    name: str
    status: MailingStatus
    delivered: int
    not_sent: int
    counts: dict[str, int]
    reasons: list[tuple[str, int]]
    doubtful: int
    lateness: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A gateway that is stopped or left alone now, or an import that failed on the day."""

    id: int
    name: str
    is_stopped: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """rows: the busiest first, ``MOST_ROWS`` at most; more: how many further mailings the sums count."""

    day: date
    rows: list[Row]
    more: int
    delivered: int
    not_sent: int
    in_process: int
    doubtful: int
    gateways: list[Trouble]
    imports: list[Trouble]

    @property
    def is_empty(self) -> bool:
        """No mailing was active."""
        return not self.rows


def bounds(day: date) -> tuple[datetime, datetime]:
    """The first moment of a day and of the one after it, by the service's zone."""
    zone = ZoneInfo(settings.TIME_ZONE)
    return datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)


def report_of(day: date) -> Report:
    """What can be said of a day now. Open mailings are counted, of others what was kept is read."""
    start, end = bounds(day)
    rows = sorted(_active(start, end), key=lambda row: (-row.delivered - row.not_sent, -row.mailing_id))
    return Report(
        day=day,
        rows=rows[:MOST_ROWS],
        more=len(rows[MOST_ROWS:]),
        delivered=sum(row.delivered for row in rows),
        not_sent=sum(row.not_sent for row in rows),
        in_process=sum(row.counts["in_process"] for row in rows),
        doubtful=sum(row.doubtful for row in rows),
        gateways=_troubled_gateways(),
        imports=_failed_imports(start, end),
    )


def readable(text: str) -> str:
    """One line of a text that somebody wrote, without what may be a phone."""
    return _PHONE.sub("…", " ".join(_UNSEEN.sub(" ", text).split()))


def _active(start: datetime, end: datetime) -> Iterator[Row]:
    """Those of which something was settled on the day, or was due and is not settled yet."""
    open_or_later = Q(over_at=None, gone_at=None) | Q(over_at__gte=start) | Q(gone_at__gte=start)
    mailings = Mailing.objects.filter(open_or_later, first_due_at__lt=end).defer("text", "filter").order_by("id")
    status = statuses([mailing.pk for mailing in mailings])
    for mailing in mailings.iterator(chunk_size=100):
        # One that was removed meanwhile has no status.
        if mailing.pk in status and (row := _row(mailing, status[mailing.pk], start, end)):
            yield row


def _row(mailing: Mailing, status: MailingStatus, start: datetime, end: datetime) -> Row | None:
    found = full(mailing)
    delivered, not_sent = _on_the_day(found["per_minute"], start, end)
    if not delivered + not_sent + found["in_process"]:
        return None
    reasons = found["not_sent_by_reason"]
    return Row(
        mailing_id=mailing.pk,
        name=readable(str(mailing)),
        status=status,
        delivered=delivered,
        not_sent=not_sent,
        counts={name: found[name] for name in ("total", "in_process", "delivered", "not_sent")},
        reasons=sorted(reasons.items(), key=lambda item: -item[1])[:_REASONS_SHOWN],
        doubtful=reasons.get("unknown", 0),
        lateness=found["lateness_seconds"],
    )


def _on_the_day(minutes: list[dict[str, Any]], start: datetime, end: datetime) -> tuple[int, int]:
    on_it = [each for each in minutes if start <= datetime.fromisoformat(each["minute"]) < end]
    return sum(each["delivered"] for each in on_it), sum(each["not_sent"] for each in on_it)


def _troubled_gateways() -> list[Trouble]:
    troubled = Gateway.objects.filter(Q(stopped_at__isnull=False) | Q(trouble__gt=0))[:MOST_NAMED]
    return [Trouble(gateway.pk, readable(gateway.name), bool(gateway.stopped_at)) for gateway in troubled]


def _failed_imports(start: datetime, end: datetime) -> list[Trouble]:
    failed = ClientImport.objects.filter(state=ImportState.FAILED, finished_at__gte=start, finished_at__lt=end)
    rows = failed.values_list("pk", "filename")[:MOST_NAMED]
    return [Trouble(pk, readable(filename) or f"№ {pk}") for pk, filename in rows]
