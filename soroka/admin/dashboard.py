"""The first page of the desk: what is going on, by a handful of queries."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from soroka.admin import words
from soroka.domain.message import MailingStatus
from soroka.models import Gateway, Mailing
from soroka.statistics.tally import by_status, counts, overall, statuses

SHOWN = 10
_OVER = {MailingStatus.FINISHED, MailingStatus.CANCELLED}


def whats_up(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Adds the totals, the mailings under way and the gateways in trouble to the page's context."""
    if not request.user.has_perm("soroka.view_mailing"):
        return context
    under_way, latest = _mailings()
    return context | {
        "totals": overall(),
        "by_status": [(words.MAILING_STATUS[MailingStatus(name)], number) for name, number in by_status().items()],
        "under_way": under_way,
        "latest": latest,
        "troubled": list(Gateway.objects.filter(Q(trouble__gt=0) | Q(paused_until__gt=timezone.now()))),
    }


def _mailings() -> tuple[list[Any], list[Any]]:
    """The newest mailings that are not over, and the newest of all."""
    open_ = Mailing.objects.filter(breakdown__isnull=True, cancelled_at=None)[: 2 * SHOWN]
    rows: dict[int, Any] = {mailing.pk: mailing for mailing in [*open_, *Mailing.objects.all()[:SHOWN]]}
    status, count = statuses(list(rows)), counts(list(rows))
    for pk, row in rows.items():
        row.status, row.counts = status[pk], count[pk]
        row.status_label = words.MAILING_STATUS[status[pk]]
        row.colour = words.MAILING_COLOURS.get(status[pk], "")
    newest_first = [rows[pk] for pk in sorted(rows, reverse=True)]
    under_way = [row for row in newest_first if row.status not in _OVER][:SHOWN]
    return under_way, [row for row in newest_first if row not in under_way][:SHOWN]
