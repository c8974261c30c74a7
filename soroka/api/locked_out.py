"""The answer to one who has guessed too often."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import ngettext

from soroka.api.fallbacks import answer
from soroka.domain.guessing import COOL_OFF


def sentence() -> str:
    """What is said, on the page of the login as well."""
    minutes = COOL_OFF.seconds // 60
    return ngettext(
        "Too many wrong passwords. Try again in %(minutes)s minute; no password is looked at before.",
        "Too many wrong passwords. Try again in %(minutes)s minutes; no password is looked at before.",
        minutes,
    ) % {"minutes": minutes}


def tell_locked_out(request: HttpRequest, response: HttpResponse, credentials: dict[str, Any]) -> HttpResponse:
    """429 with Retry-After: a problem document, or the login page, which says it by itself."""
    if not request.path.startswith(reverse("admin:index")):
        response = answer(request, HTTPStatus.TOO_MANY_REQUESTS, "locked_out", sentence())
    response.status_code = HTTPStatus.TOO_MANY_REQUESTS
    response["Retry-After"] = str(COOL_OFF.seconds)
    return response
