"""The report of a mailing: all that it came to on a few sheets of paper."""

from typing import Any

from django.utils import timezone

from soroka.admin.mailing_chart import chart_of
from soroka.admin.mailing_course import is_live, reasons_of, shares_of, tables_of
from soroka.admin.mailing_facts import facts_of
from soroka.admin.words import MAILING_STATUS
from soroka.api.download import MEDIA_TYPES
from soroka.api.moments import zone_in_words
from soroka.models import Mailing
from soroka.models.clock import database_now
from soroka.models.status import status_of
from soroka.planning.resend import resent
from soroka.statistics.course import minutes_of
from soroka.statistics.tally import full

#: The picture: its size in units of its own, and the widest bar.
_ACROSS, _HIGH, _WIDEST = 1000, 220, 40


def report_of(mailing: Mailing) -> dict[str, Any]:
    """What, when, by whom, and what became of it: as it is now."""
    status, found = status_of(mailing.pk), full(mailing)
    four = {name: found[name] for name in ("total", "in_process", "delivered", "not_sent")}
    live = is_live(status, four)
    chart = chart_of(minutes_of(found["per_minute"]), mailing.gateway, database_now() if live else None)
    return {
        "mailing": mailing,
        "status": MAILING_STATUS[status],
        "live": live,
        "counts": four,
        "shares": shares_of(four),
        "facts": facts_of(mailing),
        "reasons": reasons_of(found["not_sent_by_reason"]),
        "chart": chart,
        "drawing": chart and _drawing(chart),
        "tables": tables_of(found),
        "lateness": found["lateness_seconds"],
        "first_offered_at": found["first_offered_at"],
        "last_settled_at": found["last_settled_at"],
        "resent_by": resent([mailing.pk]).get(mailing.pk),
        "made_at": timezone.now(),
        "zone": zone_in_words(),
        "kinds": MEDIA_TYPES,
    }


def _drawing(chart: dict[str, Any]) -> dict[str, Any]:
    """The bars of a chart as lengths in a picture, for paper: a canvas would be printed as dots."""
    bars = chart["bars"]
    limit = None if chart["above"] else chart["limit"]
    top = max([delivered + not_sent for _, delivered, not_sent in bars] + ([limit] if limit else []))
    room = _ACROSS / len(bars)
    width = min(room * 0.85, _WIDEST)

    def length(number: float) -> float:
        return round(_HIGH * number / (top or 1), 2)

    drawn = [
        {
            "x": round((place + 0.5) * room - width / 2, 2),
            "delivered": length(delivered),
            "delivered_y": _HIGH - length(delivered),
            "not_sent": length(not_sent),
            "not_sent_y": _HIGH - length(delivered) - length(not_sent),
        }
        for place, (_, delivered, not_sent) in enumerate(bars)
    ]
    return {
        "bars": drawn,
        "width": round(width, 2),
        "top": top,
        "limit_y": None if limit is None else _HIGH - length(limit),
        "first": bars[0][0],
        "last": bars[-1][0],
    }
