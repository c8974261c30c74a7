"""A mailing that is asked for on the command line: looked ahead at, and made, by the code of the API."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from soroka.api.idempotency import named
from soroka.api.mailing_input import NewMailingSerializer
from soroka.api.mailing_shapes import MailingSerializer
from soroka.api.mailing_writes import start
from soroka.api.preview_shapes import PreviewSerializer
from soroka.planning.idempotency import Repeatable, recall
from soroka.planning.preview import ASKED, Preview, preview
from soroka.terminal import screen
from soroka.terminal.ahead import ahead, warned
from soroka.terminal.asking import confirm, require_person
from soroka.terminal.mailing_body import Wanted, body_of
from soroka.terminal.mailing_views import known, messages, status_of
from soroka.terminal.options import acting, user_named


@dataclass(frozen=True, slots=True)
class Asked:
    """body: as the API takes it.  repeat: by which key the same is known again.  user: who asks."""

    body: dict[str, Any]
    repeat: Repeatable | None
    user: Any


def asked_for(wanted: Wanted, username: str | None, key: str | None) -> Asked:
    """What was typed, as the API would be asked for it. Raises Failure, ValidationError."""
    user = user_named(username)
    body = body_of(wanted, timezone.now())
    # What is counted from now differs each time; what was typed does not.
    typed = {name: value for name, value in [("starts_at", wanted.start), ("ends_at", wanted.end)] if _ahead(value)}
    return Asked(body, named(user, key, body | typed) if user and key is not None else None, user)


def _ahead(written: str | None) -> bool:
    return written is not None and written.lstrip().startswith("+")


def look_ahead(asked: Asked, *, as_json: bool) -> None:
    """Say what it would do. Raises ValidationError."""
    seen = _preview(_checked(asked))
    if as_json:
        screen.print_json(PreviewSerializer(seen).data)
    else:
        screen.show(ahead(seen))


def make(asked: Asked, *, ask: bool, as_json: bool) -> None:
    """Start it, or find what the same key has made already. Raises ValidationError, Abort, KeyMismatch, MailingGone."""
    mailing_id = recall(asked.repeat) if asked.repeat else None
    if mailing_id is None:
        values = _checked(asked)
        if ask:
            require_person()
            _ask(_preview(values))
            values = _checked(asked)  # the end may have passed while the question waited
        with acting(asked.user):
            mailing_id = start(values | {"user": asked.user}, asked.repeat).pk
    shape = MailingSerializer(known(mailing_id)).data
    if as_json:
        screen.print_json(shape)
        return
    words = _("Mailing %(id)s is made: %(messages)s, %(status)s. See it with `soroka mailing watch %(id)s`.")
    total = messages(shape["statistics"]["total"])
    screen.say(words % {"id": mailing_id, "messages": total, "status": status_of(shape).plain})


def _ask(seen: Preview) -> None:
    if warnings := list(warned(seen)):
        screen.show(*warnings, stderr=True)
    clients = ngettext("%(number)s client", "%(number)s clients", seen.clients) % {
        "number": screen.number(seen.clients)
    }
    confirm(_("Start this mailing to %(clients)s?") % {"clients": clients})


def _checked(asked: Asked) -> dict[str, Any]:
    new = NewMailingSerializer(data=asked.body)
    new.is_valid(raise_exception=True)
    values: dict[str, Any] = new.validated_data
    return values


def _preview(values: dict[str, Any]) -> Preview:
    return preview(**{name: values[name] for name in ASKED}, timezone=settings.TIME_ZONE)
