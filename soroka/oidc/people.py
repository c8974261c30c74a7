"""Users whom the provider vouches for: by its number for them, never by a name or an address."""

from itertools import count
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.http import HttpRequest

from soroka.domain.role import Role
from soroka.models.change import Deed
from soroka.models.trail import note
from soroka.oidc import refusals

#: Leaves room in a username for a number.
_LONGEST_NAME = 140


class People(DefaultSocialAccountAdapter):
    """What allauth asks of users."""

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Who he would be, if he is new."""
        user: User = sociallogin.user
        user.username = free_name(str(data.get("username") or sociallogin.account.uid))
        user.first_name = str(data.get("first_name") or "")[:150]
        user.last_name = str(data.get("last_name") or "")[:150]
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Whoever was here before has from now on the role that he has now; whoever has none is turned back."""
        role = sociallogin.account.extra_data["role"]
        if sociallogin.is_existing:
            give_role(sociallogin.user, role)
        if not role:
            raise ImmediateHttpResponse(refusals.no_role(request))

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """A new user, who has no password here."""
        with transaction.atomic():
            user: User = super().save_user(request, sociallogin, form)
            note(Deed.CREATED, user, after={"username": user.username})
            give_role(user, sociallogin.account.extra_data["role"])
        return user

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        """Back to the login page, in place of allauth's own."""
        if exception:
            raise ImmediateHttpResponse(refusals.failed(request, exception))
        raise ImmediateHttpResponse(refusals.not_let_in(request, error, begun="state" in (extra_context or {})))


def free_name(wanted: str) -> str:
    """The name, or with a number after it where somebody has it."""
    wanted = wanted[:_LONGEST_NAME]
    names = (wanted if number == 1 else f"{wanted}-{number}" for number in count(1))
    return next(name for name in names if not User.objects.filter(username__iexact=name).exists())


def give_role(user: User, role: Role | None) -> None:
    """Let it be all that he may; without one he has nothing to do here. Entered in the trail where it is new."""
    had = list(user.groups.values_list("name", flat=True))
    if had == ([role] if role else []) and user.is_staff == bool(role) and not user.is_superuser:
        return
    with transaction.atomic():
        user.groups.set(Group.objects.filter(name=role))
        User.objects.filter(pk=user.pk).update(is_staff=bool(role), is_superuser=False)
        note(Deed.CHANGED, user, before={"role": ", ".join(had)}, after={"role": role or ""})
