"""The totals of the home page: today by hours, and the last thirty days, by the viewer's clocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from soroka.admin.charts import settled_chart
from soroka.models.clock import database_now
from soroka.statistics.totals import Period, days, hours, midnight, quarters

DAYS = 30


@dataclass(frozen=True, slots=True)
class Chart:
    """rows: label, delivered and not sent, of those periods in which anything was settled. data: for the canvas."""

    title: str
    unit: str
    delivered: int
    not_sent: int
    rows: list[tuple[str, int, int]]
    data: str


def charts() -> list[Chart]:
    """Both, exact now."""
    zone = ZoneInfo(timezone.get_current_timezone_name())
    today = database_now().astimezone(zone).date()
    settled = quarters(midnight(today - timedelta(days=DAYS - 1), zone))
    by_day = days(settled, today, DAYS, zone)
    by_hour = hours(settled, today, zone)
    return [
        _chart(_("Today"), _("hour"), [f"{each.at:%H:%M}" for each in by_hour], by_hour),
        _chart(_("The last 30 days"), _("day"), [_day(each.at) for each in by_day], by_day),
    ]


def _chart(title: str, unit: str, labels: Sequence[str], periods: Sequence[Period]) -> Chart:
    rows = [(label, each.delivered, each.not_sent) for label, each in zip(labels, periods, strict=True)]
    return Chart(
        title=title,
        unit=unit,
        delivered=sum(each.delivered for each in periods),
        not_sent=sum(each.not_sent for each in periods),
        rows=[row for row in rows if row[1] or row[2]],
        data=settled_chart(labels, periods),
    )


def _day(at: datetime) -> str:
    return date_format(at, pgettext("format of a day in a chart", "j M"))
