"""The trail: who did what (ADR 26). A writer calls ``note`` in the transaction of what it notes.

Who acts is told by ``acting``: web requests set it, workers do; without it, it is the command line.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Model, Q

from soroka.embedded.account import login_name
from soroka.models.change import Change, Deed

#: What is kept of a row. Secrets are named nowhere.
FIELDS = {
    "client": ["phone", "operator_code", "tag_ids", "zone_id", "attributes", "opted_out"],
    "tag": ["name"],
    "segment": ["name", "filter"],
    "mailing": [
        "name", "text", "filter", "segment_id", "starts_at", "ends_at", "local_time", "window", "gateway_id",
        "fallbacks", "cap", "resend_of_id",
    ],
    "apikey": ["name", "scopes", "expires_at"],
    "gateway": [
        "name", "url", "idempotent", "connections", "rate", "burst", "max_tries", "backoff_base", "backoff_cap",
        "jitter",
    ],
    "user": ["username", "first_name", "last_name", "is_active"],
    "clientimport": ["state", "rows", "added", "changed", "unchanged", "refused", "dry_run", "replace_tags"],
}  # fmt: skip
_NAMELESS = {"client"}
#: What the log calls a row of a kind, where that differs.
_NAMES = {"user": "person", "clientimport": "import_id"}
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Actor:
    """kind: ``user``, ``key``, ``command`` or ``service``.  name: of the user or key, or the login on the machine."""

    kind: str
    name: str = ""
    channel: str = "command"
    address: str | None = None
    request_id: str = ""


SERVICE = Actor("service", channel="service")
_acting: ContextVar[Callable[[], Actor]] = ContextVar("acting", default=lambda: Actor("command", login_name()))


@contextmanager
def acting(who: Callable[[], Actor]) -> Iterator[None]:
    """Name who acts for the duration. who: asked at each entry, for a request is known before its user is."""
    token = _acting.set(who)
    try:
        yield
    finally:
        _acting.reset(token)


def serve() -> None:
    """From now on it is the service that acts."""
    _acting.set(lambda: SERVICE)


def facts(row: Model) -> dict[str, Any]:
    """What the trail keeps of a row."""
    names = FIELDS.get(str(row._meta.model_name), [])
    kept: dict[str, Any] = json.loads(json.dumps({name: getattr(row, name) for name in names}, cls=DjangoJSONEncoder))
    return kept


def note(
    action: Deed, row: Model, *, before: Mapping[str, Any] | None = None, after: Mapping[str, Any] | None = None
) -> None:
    """Enter what was done to a row. before, after: see ``facts``; of what is in both only the difference is kept."""
    kind, who = str(row._meta.model_name), _acting.get()()
    old, new = dict(before or {}), dict(after or {})
    same = {name for name in old.keys() & new.keys() if old[name] == new[name]}
    Change.objects.create(
        actor=who.name[:150], actor_kind=who.kind, channel=who.channel, address=who.address,
        request_id=who.request_id[:64], action=action, kind=kind[:16], object_id=row.pk,
        name="" if kind in _NAMELESS else str(row)[:200],
        before={name: value for name, value in old.items() if name not in same},
        after={name: value for name, value in new.items() if name not in same},
    )  # fmt: skip
    named = {_NAMES.get(kind, kind): row.pk}
    told = partial(log.info, "trail", deed=str(action), actor=who.kind, user=who.name, channel=who.channel, **named)
    transaction.on_commit(told, robust=True)


def note_change(row: Model, before: Mapping[str, Any]) -> None:
    """Enter a change; nothing where nothing differs."""
    if (now := facts(row)) != before:
        note(Deed.CHANGED, row, before=before, after=now)


def forget_client(client_id: int) -> int:
    """Leave nothing of a client but that something was done; returns in how many entries something was."""
    his = Change.objects.filter(kind="client", object_id=client_id)
    return his.exclude(Q(before={}) & Q(after={})).update(before={}, after={})
