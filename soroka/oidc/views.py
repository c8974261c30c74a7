"""The way to the provider, and back."""

from collections.abc import Callable
from functools import wraps

from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from requests import RequestException

from soroka.oidc.exchange import Exchange
from soroka.oidc.refusals import failed

#: What it ends in when the provider is away, or says what is no OpenID Connect.
_FAULTS = (OAuth2Error, RequestException, AttributeError, LookupError, TypeError, ValueError)
View = Callable[[HttpRequest], HttpResponse]


def _forgiving(view: View) -> View:
    """Tells a person of a fault of the provider: none of them is ours."""

    @wraps(view)
    def tell(request: HttpRequest) -> HttpResponse:
        try:
            return view(request)
        except _FAULTS as error:
            return failed(request, error)

    return tell


@never_cache
@require_POST
@_forgiving
def start(request: HttpRequest) -> HttpResponse:
    """A page that leads to the provider by itself.

    No redirect: the browser would hold the form to the policy of the login page, which sends forms nowhere else, and
    nobody knows to whom the provider sends people on.
    """
    provider = get_adapter().get_provider(request, settings.OIDC_ISSUER)
    back_to = get_next_redirect_url(request) or reverse("admin:index")
    there = provider.redirect(request, AuthProcess.LOGIN, next_url=back_to)["Location"]
    title = _("Log in with %(name)s") % {"name": settings.OIDC_NAME}
    return TemplateResponse(
        request, "admin/soroka/to_provider.html", admin.site.each_context(request) | {"title": title, "there": there}
    )


@never_cache
@require_GET
@_forgiving
def end(request: HttpRequest) -> HttpResponse:
    """The provider sent somebody back: with a code, for which it tells who he is, or without."""
    exchange = Exchange(request, settings.OIDC_ISSUER)
    answer: HttpResponse = OAuth2CallbackView.adapter_view(exchange)(request)
    return answer
