"""What the desk's templates say moments, counts and the viewer's zone with: ``{% load desk %}``."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext_lazy

from soroka.api.moments import marked_up, offset_of

register = template.Library()

#: How many rows a list has, by the name of its model: a language may have more forms than one and many.
_ROWS = {
    "mailing": ngettext_lazy("%(number)s mailing", "%(number)s mailings", "count"),
    "tag": ngettext_lazy("%(number)s tag", "%(number)s tags", "count"),
    "segment": ngettext_lazy("%(number)s segment", "%(number)s segments", "count"),
    "clientimport": ngettext_lazy("%(number)s import", "%(number)s imports", "count"),
    "gateway": ngettext_lazy("%(number)s gateway", "%(number)s gateways", "count"),
    "apikey": ngettext_lazy("%(number)s key", "%(number)s keys", "count"),
    "user": ngettext_lazy("%(number)s user", "%(number)s users", "count"),
    "group": ngettext_lazy("%(number)s role", "%(number)s roles", "count"),
}
_ANY_ROWS = ngettext_lazy("%(number)s row", "%(number)s rows", "count")


@register.filter
def moment(at: datetime | str | None) -> SafeString | str:
    """``{{ at|moment }}``: a ``<time>`` in the viewer's zone, to the second; its title names the zone."""
    return marked_up(datetime.fromisoformat(at) if isinstance(at, str) and at else at or None)


@register.filter
def in_parts(zone: str) -> SafeString:
    """``{{ zone|in_parts }}``: the name of a time zone, which a narrow column breaks between its parts."""
    return format_html_join(mark_safe("/<wbr>"), "{}", ((part,) for part in zone.split("/")))


@register.simple_tag
def live_ids(rows: Iterable[Any]) -> str:
    """``{% live_ids rows as ids %}``: the numbers of the rows that still change, separated by commas."""
    return ",".join(str(row.pk) for row in rows if row.live)


@register.simple_tag
def viewer_zone() -> dict[str, str]:
    """``{% viewer_zone as zone %}``: the name of the zone in which the page tells times, and its offset now."""
    return {"name": timezone.get_current_timezone_name(), "offset": offset_of()}


@register.filter
def rows_of(count: int, model: str) -> str:
    """``{{ 5|rows_of:"segment" }}``: 5 segments."""
    return str(_ROWS.get(model, _ANY_ROWS) % {"count": count, "number": number_format(count, 0)})
