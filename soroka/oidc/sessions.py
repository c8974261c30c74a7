from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse

from soroka.access.proof import vouch
from soroka.oidc.refusals import switched_off


class Sessions(DefaultAccountAdapter):
    """What allauth asks when somebody comes in."""

    def login(self, request: HttpRequest, user: User) -> None:
        """A session like any other; what he has to show beside his name is up to the provider."""
        user.backend = settings.AUTHENTICATION_BACKENDS[-1]  # that of passwords: it finds users by their number
        super().login(request, user)
        vouch(request.session)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Whom the provider knows and an administrator has switched off."""
        return switched_off(request)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """The desk itself shows who has come in."""
