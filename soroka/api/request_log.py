"""A line of the log for each request: who asked what, what the answer was, and which rows it was about."""

import re
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.functional import empty
from structlog.contextvars import bind_contextvars, clear_contextvars

from soroka.api.request_id import request_id

log = structlog.get_logger(__name__)

#: Asked all the time by programs, with nothing to be told of it.
_SILENT = re.compile("livez|readyz|metrics")
#: What the id in an address is of, by how the route begins.
_ABOUT = (
    (re.compile("clients/imports/"), "import_id"),
    (re.compile("(admin/soroka/client|clients)/"), "client"),
    (re.compile("(admin/soroka/mailing|mailings)/"), "mailing"),
    (re.compile("(admin/soroka/message|messages)/"), "message"),
)
_MADE = {"mailings": "mailing", "clients": "client", "clients/imports": "import_id"}
_ID = ("pk", "object_id", "client_id", "mailing_id")


class RequestLogMiddleware:
    """Tells each request once it is answered; lines that are told meanwhile bear its id. Static files are not told."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        clear_contextvars()
        bind_contextvars(request_id=request_id(request))
        response = self.get_response(request)
        if request.resolver_match and not _SILENT.match(request.resolver_match.route):
            # A page that looks again every two seconds would bury the others.
            tell = log.debug if request.headers.get("HX-Request") and request.method == "GET" else log.info
            tell(
                "request", method=request.method, route=request.resolver_match.route, status=response.status_code,
                ms=round(1000 * (time.perf_counter() - began), 1), user=_user(request), **_about(request, response),
            )  # fmt: skip
        return response


@receiver(request_finished)
def forget(**_: Any) -> None:
    """What comes after the last byte is of no request; what Django says of an answer is."""
    clear_contextvars()


def _user(request: HttpRequest) -> int | None:
    """The id of whoever asked, where anything wanted to know him."""
    user = getattr(request, "user", None)
    if getattr(user, "_wrapped", None) is empty:
        return None
    return getattr(user, "pk", None)


def _about(request: HttpRequest, response: HttpResponseBase) -> dict[str, int]:
    match = request.resolver_match
    route, arguments = (match.route, match.kwargs) if match else ("", {})
    asked = next((str(arguments[name]) for name in _ID if name in arguments), "")
    if asked.isdecimal():
        name = next((name for begins, name in _ABOUT if begins.match(route)), "")
        return {name: int(asked)} if name else {}
    made: Any = getattr(response, "data", None)
    if route in _MADE and request.method == "POST" and isinstance(made, dict) and isinstance(made.get("id"), int):
        return {_MADE[route]: made["id"]}
    return {}
