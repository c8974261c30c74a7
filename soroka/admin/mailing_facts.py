"""What a mailing was asked for with, in words."""

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from soroka.admin.hours import hours_in_words
from soroka.api.filter_words import filter_words
from soroka.api.gateway_names import gateway_names
from soroka.api.moments import zone_in_words
from soroka.api.shapes import tag_names
from soroka.audience.filter import Filter
from soroka.domain.schedule import Span
from soroka.models import Mailing


def facts_of(mailing: Mailing) -> list[tuple[str, str]]:
    """What was asked for, in words."""
    span = Span(mailing.starts_at, mailing.ends_at, mailing.local_time, mailing.timezone)
    start, end = (
        (span.local_start, span.local_end)
        if mailing.local_time
        else (localtime(mailing.starts_at), localtime(mailing.ends_at))
    )
    clocks = _("by each client's own clock") if mailing.local_time else zone_in_words(start)
    return [
        (_("Audience"), _audience(mailing)),
        (_("Start"), f"{date_format(start, 'DATETIME_FORMAT')} ({clocks})"),
        (_("End"), f"{date_format(end, 'DATETIME_FORMAT')} ({clocks})"),
        *_hours(mailing),
        (_("Gateway"), mailing.gateway.name),
        *_fallbacks(mailing),
        *_cap(mailing),
        *_gone(mailing),
        (_("Made"), _made(mailing)),
    ]


def _fallbacks(mailing: Mailing) -> list[tuple[str, str]]:
    names = gateway_names(mailing.fallbacks)
    listed = ", ".join(names.get(gateway_id, f"#{gateway_id}") for gateway_id in mailing.fallbacks)
    return [(_("Fallbacks"), listed)] if listed else []


def _hours(mailing: Mailing) -> list[tuple[str, str]]:
    if (window := mailing.send_window) is None:
        return []
    clocks = _("by each client's own clock")
    return [(_("Send window"), f"{hours_in_words(window)} ({clocks})")]


def _cap(mailing: Mailing) -> list[tuple[str, str]]:
    if not mailing.cap:
        return []
    words = _("at most %(messages)d to one client within %(days)d × 24 hours") % mailing.cap
    return [(_("Cap"), words)]


def _gone(mailing: Mailing) -> list[tuple[str, str]]:
    if not mailing.gone_at:
        return []
    return [(_("Messages"), _("removed by age on %(day)s") % {"day": date_format(localtime(mailing.gone_at))})]


def _made(mailing: Mailing) -> str:
    by = f", {mailing.created_by}" if mailing.created_by else ""
    return date_format(localtime(mailing.created_at), "DATETIME_FORMAT") + by


def _audience(mailing: Mailing) -> str:
    audience = Filter.from_json(mailing.filter)
    words = filter_words(audience, tag_names(audience.tags))
    return f"{mailing.segment}: {words}" if mailing.segment else words
