"""What a look ahead at a new mailing shows."""

import json
import unicodedata
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from soroka.api.words import CAUTION
from soroka.domain.segments import Segments
from soroka.planning.outlook import Outlook
from soroka.planning.preview import ASKED, preview

#: Bars that a chart can show so that each is still seen.
_BARS = 96
#: Letters of another alphabet that may be slips, such as a Cyrillic o in an English word.
_SLIPS = 3
_QUARTER = timedelta(minutes=15)
#: What a bar may stand for: a quarter of an hour, an hour, a day.
_STEPS = (_QUARTER, timedelta(hours=1), timedelta(days=1))


def ahead_of(asked: dict[str, Any], limit: float | None = None) -> dict[str, Any]:
    """The preview of a mailing, and the price of each sample in words.

    limit: seconds, as of ``preview``.
    """
    wanted = {name: asked[name] for name in ASKED}
    seen = preview(**wanted, timezone=settings.TIME_ZONE, limit=limit)
    return {
        "clients": seen.clients,
        "exact": seen.exact,
        "crowd": seen.crowd,
        "zones": seen.zones,
        "outlook": seen.outlook,
        "cautions": [(each, CAUTION[each.code]) for each in seen.warnings],
        **_timeline(seen.outlook),
        "samples": [(sample, price(sample.segments) if sample.segments else "") for sample in seen.samples],
    }


def _timeline(ahead: Outlook) -> dict[str, Any]:
    """step: minutes of a bar.  timeline: beginning and messages of each that has some.  chart: its data."""
    sent: Counter[datetime] = Counter()
    for zone in ahead.zones:
        for quarter in zone.quarters:
            sent[quarter.at] += quarter.messages
    if not sent:
        return {"timeline": [], "chart": ""}
    span = max(sent) - min(sent)
    step = next((step for step in _STEPS if span < _BARS * step), _STEPS[-1])
    bars: Counter[datetime] = Counter()
    for at, messages in sent.items():
        bars[_beginning(at, step)] += messages
    return {
        "step": int(step.total_seconds() // 60),
        "timeline": sorted(bars.items()),
        "chart": _chart(bars, step) if len(bars) > 1 else "",
    }


def _beginning(at: datetime, step: timedelta) -> datetime:
    """Of the quarter, hour or day by the service's clock in which a moment lies."""
    here = localtime(at, ZoneInfo(settings.TIME_ZONE))
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if step >= _STEPS[-1] else midnight + (here - midnight) // step * step


def _chart(bars: Counter[datetime], step: timedelta) -> str:
    """The data of a bar chart, without gaps: where nothing is sent is a part of the picture."""
    moments, last = [min(bars)], max(bars)
    while moments[-1] < last:
        moments.append(moments[-1] + step)
    has_days = moments[0].date() != last.date()
    data = {
        "labels": [_label(at, step, has_days=has_days) for at in moments],
        "datasets": [{"data": [bars[at] for at in moments], "backgroundColor": "var(--color-primary-600)"}],
    }
    return json.dumps(data, ensure_ascii=False)


def _label(at: datetime, step: timedelta, *, has_days: bool) -> str:
    day = date_format(at, "j b")
    return day if step >= _STEPS[-1] else f"{day} {at:%H:%M}" if has_days else f"{at:%H:%M}"


def price(cost: Segments) -> str:
    """``2 SMS (UCS-2, because of “)``."""
    if not cost.forced_by or _is_alphabet(cost.forced_by):
        return f"{cost.segments} SMS ({cost.encoding})"
    words = _("%(segments)s SMS (%(encoding)s, because of %(characters)s)")
    characters = " ".join(map(_visible, cost.forced_by))
    return words % {"segments": cost.segments, "encoding": cost.encoding, "characters": characters}


def _is_alphabet(forced_by: tuple[str, ...]) -> bool:
    """Whether the text is simply written in another alphabet: all of its letters would tell nobody anything."""
    return sum(map(str.isalpha, forced_by)) > _SLIPS


def _visible(character: str) -> str:
    """A character, or its number where it would not be seen by itself."""
    is_seen = character.isprintable() and not unicodedata.combining(character)
    return character if is_seen else f"U+{ord(character):04X}"
