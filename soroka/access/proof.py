"""What a caller has shown of himself beside his password, and whether that is enough (ADR 38)."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.dispatch import receiver
from django.http import HttpRequest

from soroka.access.second_factor import accepts, factor_of

#: How sessions and tokens say so.
PROVED = "second_factor"


class PasswordAndCode(ModelBackend):
    """Name and password, and the code of one who has a second factor. Nobody is told which of them was wrong.

    The code is looked at only after the password: a stranger cannot have the codes of others refused for a while.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, code: str = "",
        **others: Any,
    ) -> User | None:  # fmt: skip
        """The user; ``has_proved`` says whether there was a code."""
        user = super().authenticate(request, username, password, **others)
        if not isinstance(user, User) or factor_of(user) is None:
            return user
        if not accepts(user, code):
            return None
        user.has_proved = True  # type: ignore[attr-defined]
        return user


def has_proved(user: object) -> bool:
    """Whether this user, as he comes in, has given a code."""
    return getattr(user, "has_proved", False)


def vouch(session: SessionBase) -> None:
    """Whose session it is has shown more than a password: a code, or whatever another provider asks of him."""
    session[PROVED] = True


def forget_proof(session: SessionBase) -> None:
    """What he has shown counts no more: he has no second factor now."""
    session.pop(PROVED, None)


def is_vouched(session: SessionBase) -> bool:
    """Whether nothing more is to be asked of him."""
    return PROVED in session


@receiver(user_logged_in)
def _vouch_for_code(request: HttpRequest | None, user: User, **kwargs: Any) -> None:
    """A session that begins; tokens have none."""
    if has_proved(user) and request is not None and getattr(request, "user", None) == user:
        vouch(request.session)


def must_set_up(is_admin: Callable[[], bool], *, vouched: bool) -> bool:
    """Whether he has to set up a second factor before anything else. is_admin: asked only where it matters."""
    if vouched or settings.REQUIRE_TOTP == "none":
        return False
    return settings.REQUIRE_TOTP == "all" or is_admin()
