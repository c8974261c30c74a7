"""What a mailing would do, as a terminal shows it."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from rich.console import Group, RenderableType
from rich.text import Text

from soroka.api.words import CAUTION
from soroka.planning.outlook import Outlook
from soroka.planning.preview import Preview
from soroka.terminal import screen

#: Lines of the timeline at most, and the spans in which it may be drawn, minutes.
_LINES = 24
_STEPS = (15, 30, 60, 180, 360, 1440, 4320)


def ahead(seen: Preview) -> RenderableType:
    """Whom it would reach, when, with what, and what is wrong."""
    parts: list[RenderableType] = [_facts(seen), Text(), _zones(seen)]
    if seen.outlook.ends_at:
        parts += [Text(), _timeline(seen.outlook)]
    parts += [Text(), *_samples(seen)]
    if lines := list(warned(seen)):
        parts += [Text(), *lines]
    return Group(*parts)


def warned(seen: Preview) -> Iterator[Text]:
    """A line for whatever may not be meant."""
    for each in seen.warnings:
        of = f" ({screen.number(each.clients)}: {', '.join(each.timezones)})" if each.timezones else ""
        yield Text(f"! {CAUTION[each.code]}{of}", style="yellow")


def _facts(seen: Preview) -> RenderableType:
    outlook = seen.outlook
    measured = _("measured") if outlook.measured else _("by its rate")
    pace = f"{screen.speed(outlook.speed)} ({measured})" if outlook.speed is not None else _("unknown")
    return screen.facts(
        [
            (_("clients"), screen.number(seen.clients)),
            (_("capped"), screen.number(seen.crowd.capped) if seen.crowd.capped else ""),
            (_("messages a second"), pace),
            (_("queued before it"), screen.number(outlook.queued)),
            (_("last one sent"), screen.moment(outlook.ends_at)),
            (_("would expire"), screen.number(outlook.expired)),
            (_("times are of"), screen.zone()),
        ]
    )


def _zones(seen: Preview) -> RenderableType:
    made = screen.table(_("time zone"), _("clients"), _("first due"), _("not after"), right=(1,))
    for zone in seen.zones:
        due = Text(_("too late"), style="red") if zone.expired else Text(screen.moment(zone.due_at)[:16])
        made.add_row(zone.timezone, screen.number(zone.clients), due, screen.moment(zone.expires_at)[:16])
    return made


def _timeline(outlook: Outlook) -> RenderableType:
    sent: Counter[datetime] = Counter()
    for zone in outlook.zones:
        for quarter in zone.quarters:
            sent[localtime(quarter.at)] += quarter.messages
    step = next((step for step in _STEPS if len({_floor(at, step) for at in sent}) <= _LINES), _STEPS[-1])
    merged: Counter[datetime] = Counter()
    for at, messages in sent.items():
        merged[_floor(at, step)] += messages
    most = max(merged.values(), default=1)
    made = screen.table(_("from"), _("messages"), "", right=(1,))
    for at, messages in sorted(merged.items())[:_LINES]:
        made.add_row(f"{at:%Y-%m-%d %H:%M}", screen.number(messages), "█" * max(1, round(24 * messages / most)))
    return made


def _floor(at: datetime, minutes: int) -> datetime:
    """The beginning of its span, by the clocks of the service's zone."""
    past = (at.hour * 60 + at.minute) % minutes
    floored = at - timedelta(minutes=past, seconds=at.second, microseconds=at.microsecond)
    return floored if minutes <= 1440 else floored.replace(hour=0, minute=0)  # noqa: PLR2004  a day


def _samples(seen: Preview) -> Iterator[RenderableType]:
    for sample in seen.samples:
        cost = sample.segments
        price = f" ({cost.segments} SMS, {cost.encoding})" if cost else ""
        yield Text(f"{sample.phone}{price}", style="bold")
        yield screen.indented(Text(sample.text if sample.text is not None else sample.fault))
