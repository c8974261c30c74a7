"""What becomes of a mailing: its counts, how it goes, and the parts it is counted by."""

import math
from collections.abc import Callable
from time import monotonic as clock
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from soroka.admin import words
from soroka.admin.last_look import LastLook, Sample
from soroka.admin.mailing_chart import chart_of
from soroka.api.words import REASON_AT_LENGTH
from soroka.domain.message import OVER, MailingStatus, Reason
from soroka.models import Mailing
from soroka.models.clock import database_now
from soroka.planning.outlook import forecast_end
from soroka.statistics.course import course
from soroka.statistics.tally import counts, full

#: The share of the time that a part which counts much may take of the database's.
_SHARE = 1 / 200
#: Seconds between two fetches of such a part: at least, and at most.
_OFTEN, _SELDOM = 5, 600
_SETTLED = "settled"
#: Rows of a table that are seen at first.
ROWS_SHOWN = 10
#: What is sent of it goes on by itself.
_AHEAD = {MailingStatus.RUNNING, MailingStatus.SCHEDULED}
_REASONS = {reason.slug: reason for reason in Reason}


def counts_of(mailing: Mailing, status: MailingStatus, look: str = "") -> dict[str, Any]:
    """The four counts, what share of the total each is, percent, and the speed: cheap, whatever the mailing's size.

    look: the ``LastLook`` that the page brings along.
    live: they still change by themselves; also of a cancelled mailing, while what was queued is being withdrawn.
    """
    four = counts([mailing.pk])[mailing.pk].as_dict()
    last = LastLook.read(look)
    sample = Sample(timezone.now().timestamp(), {_SETTLED: four["total"] - four["in_process"]})
    live = is_live(status, four)
    return {
        "counts": four,
        "shares": shares_of(four),
        "status_now": status,
        "live": live,
        "speed": last.speed(_SETTLED, sample) if live else None,
        "look": last.then("", sample),
    }


def is_live(status: MailingStatus, four: dict[str, int]) -> bool:
    """Whether its counts may still change."""
    return status not in OVER or four["in_process"] > 0


def shares_of(four: dict[str, int]) -> dict[str, float]:
    """What share of the total each of the counts is, percent."""
    return {name: 100 * number / (four["total"] or 1) for name, number in four.items()}


def course_of(mailing: Mailing, status: MailingStatus, *, live: bool) -> dict[str, Any]:
    """The chart, why messages were not sent, and when the last is sent."""

    def find() -> dict[str, Any]:
        found = course(mailing)
        now = database_now()
        return {
            "chart": chart_of(found.minutes, mailing.gateway, now if live else None),
            "reasons": reasons_of(found.reasons),
            "forecast": forecast_end(mailing, now) if status in _AHEAD else None,
        }

    return _timed(find, live=live)


def breakdown_of(mailing: Mailing, *, live: bool) -> dict[str, Any]:
    """The tables by time zone and operator code, and how punctual it was. What is in open batches is counted for it."""

    def find() -> dict[str, Any]:
        found = full(mailing)
        return {
            "tables": tables_of(found),
            "first_offered_at": found["first_offered_at"],
            "last_settled_at": found["last_settled_at"],
            "lateness": found["lateness_seconds"],
        }

    return _timed(find, live=live)


def reasons_of(counted: dict[str, int]) -> list[dict[str, Any]]:
    """Each reason in words, with its number and its share of all that was not sent, the most frequent first."""
    total = sum(counted.values()) or 1
    return [
        {
            "slug": slug,
            "reason": words.REASON[_REASONS[slug]],
            "sentence": REASON_AT_LENGTH[_REASONS[slug]],
            "number": number,
            "share": 100 * number / total,
        }
        for slug, number in sorted(counted.items(), key=lambda item: -item[1])
    ]


def tables_of(found: dict[str, Any]) -> list[dict[str, Any]]:
    """By time zone and by operator code. found: the full statistics."""
    return [
        _table(_("By time zone"), _("Time zone"), "timezone", found["by_timezone"]),
        _table(_("By operator code"), _("Operator code"), "operator_code", found["by_operator_code"]),
    ]


def _table(title: str, column: str, part: str, counted: dict[str, dict[str, int]]) -> dict[str, Any]:
    """A table of counts, the largest row first; those beyond ``ROWS_SHOWN`` are folded away."""
    rows = sorted(counted.items(), key=lambda item: (-item[1]["total"], item[0]))
    largest = rows[0][1]["total"] if rows else 0
    shown = [{"name": name, "counts": four, "shares": _of_largest(four, largest)} for name, four in rows]
    return {
        "title": title,
        "column": column,
        "part": part,
        "rows": shown[:ROWS_SHOWN],
        "folded": shown[ROWS_SHOWN:],
    }


def _of_largest(four: dict[str, int], largest: int) -> dict[str, float]:
    """How long the parts of a row's bar are, percent: the largest row fills its own."""
    return {name: 100 * number / (largest or 1) for name, number in four.items()}


def _timed(find: Callable[[], dict[str, Any]], *, live: bool) -> dict[str, Any]:
    """What was found, and after how many seconds it may be looked for again; 0: never, for it changes no more."""
    begun = clock()
    found = find()
    pause = (clock() - begun) / _SHARE
    again = min(max(math.ceil(pause), _OFTEN), _SELDOM) if live else 0
    return found | {"again": again, "at": timezone.now()}
