"""The chart of a mailing: what was settled when, beside what its gateway's pace lets through."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from soroka.admin.charts import settled_chart
from soroka.domain.bins import Bar, Bars, gathered
from soroka.models import Gateway

#: A line that far above the highest bar would leave nothing of the bars.
_IN_SIGHT = 4
_HOUR, _DAY = 60, 1440


def chart_of(
    minutes: Sequence[tuple[datetime, int, int]], gateway: Gateway, until: datetime | None
) -> dict[str, Any] | None:
    """The data of the chart, what is said with it, and the same as a table; None where nothing was settled.

    minutes: see ``Course``.  until: to which moment it goes; None: to the last of them.
    """
    found = gathered(minutes, timezone.get_current_timezone(), until)
    if not found.bars:
        return None
    limit = gateway.rate * 60 * found.minutes if gateway.rate else None
    highest = max(bar.delivered + bar.not_sent for bar in found.bars)
    is_in_sight = limit is not None and limit <= _IN_SIGHT * highest
    return {
        "title": _title(found.minutes),
        "data": _data(found, gateway, limit if is_in_sight else None),
        "limit": limit,
        "above": limit is not None and not is_in_sight,
        "gateway": gateway.name,
        "bars": [(_label(bar, found), bar.delivered, bar.not_sent) for bar in found.bars],
    }


def _data(found: Bars, gateway: Gateway, limit: float | None) -> str:
    labels = [_label(bar, found) for bar in found.bars]
    if limit is None:
        return settled_chart(labels, found.bars)
    line = {
        "type": "line",
        "label": _("Pace limit of %(gateway)s now") % {"gateway": gateway.name},
        "data": [limit] * len(found.bars),
        "borderColor": "var(--desk-warning)",
        "backgroundColor": "var(--desk-warning)",
        "borderDash": [6, 4],
        "borderWidth": 2,
        "order": -1,
    }
    return settled_chart(labels, found.bars, line)


def _label(bar: Bar, found: Bars) -> str:
    """When a bar begins, as shortly as the whole chart allows."""
    if found.minutes >= _DAY:
        return date_format(bar.at, "SHORT_DATE_FORMAT")
    hour = f"{bar.at:%H:%M}"
    is_one_day = found.bars[0].at.date() == found.bars[-1].at.date()
    return hour if is_one_day else f"{bar.at:%d.%m} {hour}"


def _title(minutes: int) -> str:
    width = timedelta(minutes=minutes)
    if minutes < _HOUR:
        return ngettext("Settled by minute", "Settled by %(count)s minutes", minutes) % {"count": minutes}
    if minutes < _DAY:
        hours = minutes // _HOUR
        return ngettext("Settled by hour", "Settled by %(count)s hours", hours) % {"count": hours}
    return ngettext("Settled by day", "Settled by %(count)s days", width.days) % {"count": width.days}
