"""The parts of the page of a new mailing that follow what is typed. Each is bounded in time: somebody waits for it."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from soroka.admin.ahead import ahead_of, price
from soroka.admin.base import row_id
from soroka.admin.mailing_form import HOW, TEXT, WHEN, WHOM, MailingForm
from soroka.admin.new_mailing_time import times_of
from soroka.audience.bounded import TooSlow
from soroka.audience.filter import Filter
from soroka.audience.glance import few_of, zones_of
from soroka.audience.matches import matches
from soroka.domain.schedule import zone_names
from soroka.domain.segments import segments
from soroka.domain.template import is_template
from soroka.models import Client, Zone
from soroka.planning.preview import Sample, samples

#: Seconds that one look at the audience may take while somebody types.
PATIENCE = 3.0
#: Seconds after which the forecast estimates instead.
_HURRY = 1.0
#: Clients among whom one leafs to read the text as they would.
READERS = 20


def part_of(request: HttpRequest, form: MailingForm, name: str) -> dict[str, Any] | None:
    """What the part of this name shows; None where there is no such part."""
    part = _PARTS.get(name)
    return part and part(request, form)


def _text(request: HttpRequest, form: MailingForm) -> dict[str, Any]:
    """The price of the text, and how a client of the audience would read it."""
    if not form["text"].value():
        return {}
    asked, faults = form.alone(TEXT)
    if asked is None:
        return {"faults": faults}
    audience = whom_of(form)
    found = samples(asked["text"], readers_of(audience))
    turn = turn_of(request) % max(len(found), 1)
    return {
        "reader": found[turn] if found else None,
        "others": len(found) > 1,
        "turn": turn,
        "of_audience": audience is not None,
        **_priced(asked["text"], found, turn),
    }


def _priced(text: str, found: list[Sample], turn: int) -> dict[str, Any]:
    """The price: that of the text, or for the client who is shown; dearest: of all looked at, if it is more."""
    cost = found[turn].segments if found else None
    if not is_template(text):
        cost = segments(text)
    if cost is None:
        return {}
    most = max((each.segments.segments for each in found if each.segments), default=0)
    dearest = most if most > cost.segments else None
    return {"cost": cost, "price": price(cost), "dearest": dearest, "readers": len(found)}


def readers_of(audience: Filter | None) -> list[int]:
    """The ids of clients who read the text ahead: some of the audience, or of all where it is not known."""
    try:
        return few_of(audience or Filter(everyone=True), READERS, PATIENCE)
    except TooSlow:
        return []


def _audience(request: HttpRequest, form: MailingForm) -> dict[str, Any]:
    """How many clients are meant, and a few of them."""
    if not any(form[name].value() for name in WHOM - {"match"}):
        return {}
    asked, faults = form.alone(WHOM)
    if asked is None:
        return {"faults": faults}
    try:
        found = matches(asked["audience"], PATIENCE)
    except TooSlow:
        return {"too_many": True}
    return {"known": True, "count": found.count, "sample": Client.objects.filter(pk__in=found.sample).order_by("pk")}


def _time(request: HttpRequest, form: MailingForm) -> dict[str, Any]:
    """When the first and the last of the audience are due, in words."""
    names = WHEN if form["ends_at"].value() else WHEN - {"ends_at"}
    asked, faults = form.alone(names)
    if asked is None:
        return {"faults": faults}
    zones, are_theirs = _zones(whom_of(form))
    return {"zone": settings.TIME_ZONE, "are_theirs": are_theirs, **times_of(asked, zones)}


def _zones(audience: Filter | None) -> tuple[list[str], bool]:
    """The zones of the audience, and whether they are: else those of all clients there ever were."""
    try:
        if audience and (found := zones_of(audience, PATIENCE)):
            return found, True
    except TooSlow:
        pass
    return [name for name in Zone.objects.values_list("name", flat=True) if name in zone_names()], False


def _ahead(request: HttpRequest, form: MailingForm) -> dict[str, Any]:
    """How it would go. The text is no part of it: it may still be missing."""
    asked, _ = form.alone(WHOM | WHEN | HOW)
    if asked is None:
        return {}
    return {"ahead": ahead_of(asked, _HURRY), "zone": settings.TIME_ZONE}


def whom_of(form: MailingForm) -> Filter | None:
    """The audience, as far as it is said already and nothing is wrong with it."""
    asked, _ = form.alone(WHOM)
    return asked["audience"] if asked else None


def turn_of(request: HttpRequest) -> int:
    """At which of the readers one has come."""
    turn = row_id(request.POST.get("reader"))
    return max(turn, 0) + ("another" in request.POST)


_PARTS: dict[str, Callable[[HttpRequest, MailingForm], dict[str, Any]]] = {
    "text": _text,
    "audience": _audience,
    "time": _time,
    "ahead": _ahead,
}
