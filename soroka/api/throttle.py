"""How much one user or key may ask for in a minute, so that none takes the service from the others."""

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from soroka.api.rate_bound import seconds_over

if TYPE_CHECKING:  # the view asks for its default throttles while it is being imported
    from rest_framework.views import APIView


class TooManyRequests(APIException):
    """One user or key asks too much: 429."""

    status_code = HTTPStatus.TOO_MANY_REQUESTS
    default_detail = gettext_lazy("These are more requests than one caller may make in a minute.")
    default_code = "throttled"

    def __init__(self, wait: int) -> None:
        super().__init__()
        self.wait = wait


class CallerThrottle(BaseThrottle):
    """``THROTTLE_KEY`` requests a minute for a user or key, whatever the addresses."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Raises TooManyRequests."""
        caller, most = request.user.pk, settings.THROTTLE_KEY
        if caller and most and (wait := seconds_over(f"caller:{caller}", most)):
            raise TooManyRequests(wait)
        return True
