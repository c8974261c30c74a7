"""Moments in words and in markup, in the zone of whoever looks."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString


def to_the_second(at: datetime) -> str:
    """``29 Nov 2026, 10:00:07``: aware, in the zone that is active; a naive one is a wall clock's, and is left so."""
    here = _here(at)
    return f"{date_format(here, 'SHORT_DATE_FORMAT')}, {here:%H:%M:%S}"


def marked_up(at: datetime | None) -> SafeString | str:
    """A ``<time>`` with the exact moment for programs, and a title that names the zone; nothing for nothing."""
    if at is None:
        return ""
    words = to_the_second(at)
    if timezone.is_naive(at):
        return format_html('<time datetime="{}">{}</time>', at.isoformat(timespec="seconds"), words)
    here = _here(at)
    title = f"{words}, {zone_in_words(at)}"
    return format_html('<time datetime="{}" title="{}">{}</time>', here.isoformat(timespec="seconds"), title, words)


def zone_in_words(at: datetime | None = None) -> str:
    """``Europe/Moscow, UTC+3``, ``UTC``: the active zone, with its offset then, or now."""
    return ", ".join(dict.fromkeys([timezone.get_current_timezone_name(), offset_of(at)]))


def offset_of(at: datetime | None = None) -> str:
    """``UTC+3``, ``UTC−3:30``, ``UTC``: of the active zone then, or now."""
    return offset_in_words(_here(at or timezone.now()))


def offset_in_words(at: datetime) -> str:
    """The offset that an aware time carries."""
    offset = at.utcoffset()
    seconds = int(offset.total_seconds()) if offset is not None else 0
    hours, minutes = divmod(abs(seconds) // 60, 60)
    sign = "+" if seconds > 0 else "−"
    return "UTC" if not seconds else f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "")


def _here(at: datetime) -> datetime:
    return at if timezone.is_naive(at) else timezone.localtime(at)
