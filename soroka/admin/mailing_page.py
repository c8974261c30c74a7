"""What the page of a mailing shows."""

import json
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from soroka.admin import words
from soroka.api.filter_words import filter_words
from soroka.api.gateway_names import gateway_names
from soroka.api.shapes import tag_names
from soroka.api.words import REASON_AT_LENGTH
from soroka.audience.filter import Filter
from soroka.domain.message import MailingStatus, Reason
from soroka.domain.schedule import Window
from soroka.models import Mailing
from soroka.statistics.tally import counts, full

#: Bars that a chart can show so that each is still seen.
MINUTES_SHOWN = 60
_OVER = {MailingStatus.FINISHED, MailingStatus.CANCELLED}
_REASONS = {reason.slug: reason for reason in Reason}


def counts_of(mailing: Mailing, status: MailingStatus) -> dict[str, Any]:
    """The four counts and what share of the total each is, percent: cheap, whatever the size of the mailing.

    live: they still change by themselves; also of a cancelled mailing, while what was queued is being withdrawn.
    """
    four = counts([mailing.pk])[mailing.pk].as_dict()
    return {
        "counts": four,
        "shares": {name: 100 * number / (four["total"] or 1) for name, number in four.items()},
        "status_now": status,
        "live": status not in _OVER or four["in_process"] > 0,
    }


def breakdown_of(mailing: Mailing) -> dict[str, Any]:
    """Breakdowns and the chart. What is in open batches is counted for it."""
    found = full(mailing)
    return {
        "reasons": _by_reason(found["not_sent_by_reason"]),
        "zones": _rows(found["by_timezone"]),
        "codes": _rows(found["by_operator_code"]),
        "chart": _chart(found["per_minute"][-MINUTES_SHOWN:]),
        "first_offered_at": _moment(found["first_offered_at"]),
        "last_settled_at": _moment(found["last_settled_at"]),
        "lateness": found["lateness_seconds"],
    }


def facts_of(mailing: Mailing) -> list[tuple[str, str]]:
    """What was asked for, in words."""
    window = Window(mailing.starts_at, mailing.ends_at, mailing.local_time, mailing.timezone)
    clocks = _("by each client's own clock") if mailing.local_time else mailing.timezone
    start, end = (
        (window.local_start, window.local_end)
        if mailing.local_time
        else (localtime(mailing.starts_at), localtime(mailing.ends_at))
    )
    return [
        (_("Audience"), _audience(mailing)),
        (_("Start"), f"{date_format(start, 'DATETIME_FORMAT')} ({clocks})"),
        (_("End"), f"{date_format(end, 'DATETIME_FORMAT')} ({clocks})"),
        (_("Gateway"), mailing.gateway.name),
        *_fallbacks(mailing),
        (_("Made"), _made(mailing)),
    ]


def _fallbacks(mailing: Mailing) -> list[tuple[str, str]]:
    names = gateway_names(mailing.fallbacks)
    listed = ", ".join(names.get(gateway_id, f"#{gateway_id}") for gateway_id in mailing.fallbacks)
    return [(_("Fallbacks"), listed)] if listed else []


def _made(mailing: Mailing) -> str:
    by = f", {mailing.created_by}" if mailing.created_by else ""
    return date_format(localtime(mailing.created_at), "DATETIME_FORMAT") + by


def _audience(mailing: Mailing) -> str:
    audience = Filter.from_json(mailing.filter)
    words = filter_words(audience, tag_names(audience.tags))
    return f"{mailing.segment}: {words}" if mailing.segment else words


def _by_reason(counted: dict[str, int]) -> list[tuple[Any, Any, int]]:
    """Reason, its sentence and its number, the most frequent first."""
    most_first = sorted(counted.items(), key=lambda item: -item[1])
    return [(words.REASON[_REASONS[slug]], REASON_AT_LENGTH[_REASONS[slug]], number) for slug, number in most_first]


def _rows(counted: dict[str, dict[str, int]]) -> list[tuple[str, dict[str, int]]]:
    return sorted(counted.items(), key=lambda item: (-item[1]["total"], item[0]))


def _chart(minutes: list[dict[str, Any]]) -> str:
    """The data of a stacked bar chart: settled messages by minute."""
    if len(minutes) <= 1:
        return ""  # one bar says nothing that the counts do not
    series = [("delivered", _("Delivered"), "--color-delivered"), ("not_sent", _("Not sent"), "--color-not-sent")]
    return json.dumps(
        {
            "labels": [f"{localtime(datetime.fromisoformat(minute['minute'])):%H:%M}" for minute in minutes],
            "datasets": [
                {
                    "label": label,
                    "data": [minute[name] for minute in minutes],
                    "backgroundColor": f"var({colour})",
                    "stack": "all",
                }
                for name, label, colour in series
            ],
        }
    )


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None
