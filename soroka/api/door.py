"""How much may come from one address in a minute, before anybody asks who calls."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from soroka.api.address import address_of
from soroka.api.fallbacks import too_many
from soroka.api.rate_bound import seconds_left, seconds_over

#: Who asks these is no caller and is not counted; but a token can be guessed here as well.
_FREE = {"/livez", "/readyz", "/metrics"}


class DoorMiddleware:
    """``THROTTLE_ADDRESS`` requests a minute from an address, whoever calls; and after ``THROTTLE_REFUSED`` bad
    credentials none with a credential any more, good or bad: keys and tokens are not to be guessed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        address = address_of(request)
        if address is None:
            return self.get_response(request)
        carries = "Authorization" in request.headers
        if wait := _wait(address, free=request.path.rstrip("/") in _FREE, carries=carries):
            return too_many(request, _("There are more requests from this address than may be in a minute."), wait)
        response = self.get_response(request)
        if carries and response.status_code == HTTPStatus.UNAUTHORIZED and settings.THROTTLE_REFUSED:
            seconds_over(f"refused:{address}", settings.THROTTLE_REFUSED)
        return response


def _wait(address: str, *, free: bool, carries: bool) -> int:
    """Seconds for which nobody is heard from there; 0 where everybody is."""
    most, refused = settings.THROTTLE_ADDRESS, settings.THROTTLE_REFUSED
    wait = seconds_over(f"door:{address}", most) if most and not free else 0
    return wait or (seconds_left(f"refused:{address}", refused) if refused and carries else 0)
