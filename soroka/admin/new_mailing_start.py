"""Starting a mailing: what is about to happen, how many are meant, and the word of whoever starts it (ADR 24)."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError as RefusedByApi

from soroka.admin.ahead import ahead_of
from soroka.admin.mailing_form import MailingForm
from soroka.admin.new_mailing_drafts import Values
from soroka.admin.new_mailing_time import times_of
from soroka.api.gateway_names import gateway_names
from soroka.api.idempotency import named
from soroka.audience.bounded import TooSlow
from soroka.audience.filter import Filter
from soroka.audience.matches import matches
from soroka.planning.idempotency import Repeatable
from soroka.planning.launch import newest_client_id

#: So much an audience may grow between the question and the start: one of so many, or so many clients.
_SHARE, _FEW = 100, 10
#: Seconds that the forecast may count where it is asked whether to start; then it estimates.
_PATIENCE = 1.0


@dataclass(frozen=True, slots=True)
class Headcount:
    """How many clients a mailing is for; not exact: at most so many, for they could not be counted in time."""

    number: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Word:
    """What was answered. shown: the number that the question named, None where there was none yet.  typed: as typed."""

    shown: int | None
    typed: str


def headcount(audience: Filter) -> Headcount:
    """Count the clients that are meant now."""
    try:
        return Headcount(matches(audience).count, exact=True)
    except TooSlow:
        return Headcount(newest_client_id(), exact=False)


def objection(word: Word, now: Headcount) -> str | None:
    """Why the word does not count for so many, as a sentence, empty where nobody was asked yet; None: it counts."""
    if word.shown is None:
        return ""
    if now.number > word.shown + max(word.shown // _SHARE, _FEW):
        told = {"before": _grouped(word.shown), "now": _grouped(now.number)}
        return _("Nothing was started: the audience has grown from %(before)s to %(now)s meanwhile.") % told
    if must_type(word.shown) and _number(word.typed) != word.shown:
        return _("Nothing was started: type the number %(number)s.") % {"number": _grouped(word.shown)}
    return None


def must_type(number: int) -> bool:
    """Whether so many clients need their number typed."""
    return number > int(settings.CONFIRM_ABOVE)


def question(form: MailingForm, count: Headcount) -> dict[str, Any]:
    """All that the page says of what would happen. form: a valid one."""
    asked = form.asked
    ahead = ahead_of(asked, _PATIENCE)
    names = gateway_names(asked["fallbacks"])
    return {
        "count": count,
        "must_type": must_type(count.number),
        "key": str(uuid4()),
        "asked": asked,
        "fallbacks": [names[each] for each in asked["fallbacks"] if each in names],
        "ahead": ahead,
        "sample": ahead["samples"][0] if ahead["samples"] else None,
        **times_of(asked, [each.timezone for each in ahead["zones"]]),
    }


def request_of(user: Any, key: str, values: Values) -> Repeatable | None:
    """The request to start, by the key of its question; None where there is no such key."""
    try:
        return named(user, key, values)
    except RefusedByApi:
        return None


def _number(typed: str) -> int | None:
    """What was typed, with whatever sets thousands apart."""
    digits = "".join(typed.split()).replace(",", "").replace(".", "")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 20 else None  # noqa: PLR2004


def _grouped(number: int) -> str:
    return number_format(number, force_grouping=True)
