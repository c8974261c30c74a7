from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from soroka.api.fallbacks import answer


class KnownLengthMiddleware:
    """Refuses a body of unknown length, which Django would take for an empty one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if _has_body_of_unknown_length(request):
            detail = _("Send the body with a Content-Length, not in pieces.")
            return answer(request, HTTPStatus.LENGTH_REQUIRED, "length_required", detail)
        return self.get_response(request)


def _has_body_of_unknown_length(request: HttpRequest) -> bool:
    if request.headers.get("Content-Length"):
        return False
    if "Transfer-Encoding" in request.headers:
        return True
    # HTTP/2 says nothing of a body that comes in pieces: only its first byte tells that there is one.
    return request.META["SERVER_PROTOCOL"].startswith("HTTP/2") and bool(request.META["wsgi.input"].read(1))
