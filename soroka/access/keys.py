"""API keys: made once, shown once, known again by their hash."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from soroka.domain.role import Role
from soroka.models import ApiKey
from soroka.models.change import Deed
from soroka.models.trail import facts, note

PREFIX = "soroka_"
#: How exactly a key's last use is known: a write for every request would cost more than it tells.
_USE_KNOWN_TO = timedelta(minutes=1)


class BadKey(Exception):
    """Nobody may come in with this key; the message says why."""


class NameTaken(Exception):
    """There is a key of this name, or was one whose user is still there."""


@transaction.atomic
def make_key(name: str, role: Role, *, days: int | None = None, scopes: Sequence[str] = ()) -> tuple[ApiKey, str]:
    """A new key, and its secret, which nobody can read again. days: how long it holds; None: for ever.

    scopes: what it is confined to; none: whatever the role may.

    It acts as a user of its own, who is in the role's group and cannot log in with a password. Raises NameTaken.
    """
    username = f"key {name}"
    if ApiKey.objects.filter(name=name).exists() or User.objects.filter(username=username).exists():
        raise NameTaken(f"There is a key named {name!r} already.")
    user = User.objects.create_user(username)
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    secret = PREFIX + secrets.token_urlsafe(32)
    expires_at = None if days is None else Now() + timedelta(days=days)
    key = ApiKey.objects.create(
        name=name, user=user, digest=_digest(secret), expires_at=expires_at, scopes=list(scopes)
    )
    key.refresh_from_db()
    note(Deed.CREATED, key, after=facts(key))
    return key, secret


def key_of(secret: str) -> ApiKey:
    """The key, with the user that it acts as. Raises BadKey."""
    known = ApiKey.objects.select_related("user").filter(digest=_digest(secret))
    key = known.filter(Q(expires_at=None) | Q(expires_at__gt=Now())).first()
    if key is None:
        raise BadKey("This API key has expired." if known.exists() else "There is no such API key.")
    if not key.user.is_active:
        raise BadKey("This API key is switched off.")
    unnoticed = Q(last_used_at=None) | Q(last_used_at__lt=Now() - _USE_KNOWN_TO)
    ApiKey.objects.filter(unnoticed, pk=key.pk).update(last_used_at=Now())
    return key


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "replace")).hexdigest()
