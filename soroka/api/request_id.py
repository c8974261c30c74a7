"""A name for every request: an answer, a log line and a complaint can be put together by it."""

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

HEADER = "X-Request-ID"
_META = "HTTP_X_REQUEST_ID"
_SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_id(request: HttpRequest) -> str:
    """The id of this request, once the middleware has seen it."""
    return str(request.META.get(_META, ""))


class RequestIdMiddleware:
    """Takes the caller's id over where it is sane, else makes one. Every answer carries it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not _SANE.fullmatch(request_id(request)):
            request.META[_META] = uuid.uuid4().hex
        response = self.get_response(request)
        response[HEADER] = request_id(request)
        return response
