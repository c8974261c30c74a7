"""What somebody is told who does not come in; the login page says it, where he can try again or take his password."""

import structlog
from allauth.socialaccount.providers.base import AuthError
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from requests import RequestException

log = structlog.get_logger(__name__)


def turn_back(request: HttpRequest, sentence: str) -> HttpResponse:
    """The login page with a sentence, in which ``name`` is the provider's."""
    messages.error(request, sentence % {"name": settings.OIDC_NAME})
    return redirect("admin:login")


def no_role(request: HttpRequest) -> HttpResponse:
    """The provider knows him, and we do not want him."""
    return turn_back(request, _("%(name)s knows you, but gives you no role here. Ask an administrator for one."))


def switched_off(request: HttpRequest) -> HttpResponse:
    """An administrator has shut him out."""
    return turn_back(request, _("Your account is switched off here. Ask an administrator."))


def failed(request: HttpRequest, error: Exception) -> HttpResponse:
    """The provider could not be asked, or has said what cannot be used; the log says what."""
    log.warning("login by the identity provider failed", why=f"{type(error).__name__}: {error}")
    if isinstance(error, RequestException):
        return turn_back(request, _("%(name)s does not answer. Try again later, or log in with a password."))
    return turn_back(request, _("%(name)s gave an answer that cannot be used. The log says what is wrong with it."))


def not_let_in(request: HttpRequest, code: str, *, begun: bool) -> HttpResponse:
    """The provider sends him back without having let him in. begun: the login was begun here, by him."""
    if not begun:
        return turn_back(request, _("A login has to begin here, in this browser, and lasts ten minutes. Try again."))
    log.warning("login by the identity provider refused", why=request.GET.get("error"))
    if code == AuthError.CANCELLED:
        return turn_back(request, _("%(name)s did not let you in."))
    return turn_back(request, _("%(name)s refused the login. The log says why."))
