"""The cells of a list of mailings that change by themselves: those of what is not over."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from soroka.admin.base import row_id
from soroka.admin.mailing_course import is_live
from soroka.admin.words import MAILING_COLOURS, MAILING_STATUS
from soroka.models import Mailing
from soroka.models.status import statuses
from soroka.statistics.tally import counts

CELLS = ("status", "total", "in_process", "delivered", "not_sent")
#: What htmx takes for: ask no more.
_STOP = 286
_MOST = 100


class MailingsLive:
    """For the ``Desk`` of mailings."""

    def get_urls(self: Any) -> list[URLPattern]:
        """The part that a list fetches by itself."""
        live = path("live/", self.admin_site.admin_view(self.live_view), name="soroka_mailing_live")
        return [live, *super().get_urls()]  # type: ignore[misc]

    def live_view(self: Any, request: HttpRequest) -> HttpResponse:
        """The cells of the mailings that are asked for, each in the place of its own; the last where all are over."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = [row_id(each) for each in request.GET.get("ids", "").split(",")[:_MOST]]
        found: list[Any] = list(Mailing.objects.filter(pk__in=asked))
        look_at(found)
        context = {"cells": [cell(row, name, swapped=True) for row in found for name in CELLS]}
        status = 200 if any(row.live for row in found) else _STOP
        return TemplateResponse(request, "admin/soroka/mailings_cells.html", context, status=status)


def look_at(rows: Sequence[Any]) -> None:
    """Fetch ``status``, ``counts`` and ``live`` of mailings: a query each."""
    ids = [mailing.pk for mailing in rows]
    status, count = statuses(ids), counts(ids)
    for mailing in rows:
        mailing.status, mailing.counts = status[mailing.pk], count[mailing.pk]
        mailing.live = is_live(mailing.status, mailing.counts.as_dict())


def cell(mailing: Any, name: str, *, swapped: bool = False) -> SafeString:
    """One of ``CELLS``, under an id of its own. swapped: it takes the place of the one that is there."""
    return format_html(
        '<span id="mailing-{}-{}"{}>{}</span>', mailing.pk, name, _SWAPPED if swapped else "", _said(mailing, name)
    )


_SWAPPED = SafeString(' hx-swap-oob="true"')


def _said(mailing: Any, name: str) -> str:
    if name != "status":
        return str(number_format(getattr(mailing.counts, name), force_grouping=True))
    label = {"text": MAILING_STATUS[mailing.status], "type": MAILING_COLOURS[mailing.status]}
    return render_to_string("unfold/helpers/label.html", label)
