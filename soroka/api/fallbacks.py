"""Answers where no view of the API is reached: a page for browsers, a problem document for programs."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views import defaults

from soroka.api.problems import MEDIA_TYPE, problem


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django refused the request itself: a foreign host name, a form with too many fields."""
    if _prefers_page(request):
        return defaults.bad_request(request, exception)
    return answer(request, HTTPStatus.BAD_REQUEST, "bad_request", _("The request cannot be understood."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A page outside the API is closed to the caller."""
    if _prefers_page(request):
        return defaults.permission_denied(request, exception)
    return answer(request, HTTPStatus.FORBIDDEN, "permission_denied", _("This is closed to you."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Nothing is routed here."""
    if _prefers_page(request):
        return defaults.page_not_found(request, exception)
    return answer(request, HTTPStatus.NOT_FOUND, "not_found", _("There is nothing at this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours: the log has it."""
    if _prefers_page(request):
        return defaults.server_error(request)
    detail = _("Something broke on our side. Tell the operator the request_id.")
    return answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, "server_error", detail)


def too_many(request: HttpRequest, detail: str, wait: int) -> HttpResponse:
    """Nobody is heard from there for so many seconds."""
    status = HTTPStatus.TOO_MANY_REQUESTS
    if _prefers_page(request):
        response = HttpResponse(detail, status=status, content_type="text/plain; charset=utf-8")
    else:
        response = answer(request, status, "throttled", detail)
    response["Retry-After"] = str(wait)
    return response


def answer(request: HttpRequest, status: HTTPStatus, code: str, detail: str) -> HttpResponse:
    """A problem document."""
    return JsonResponse(problem(request, status, code, detail), status=status, content_type=MEDIA_TYPE)


def _prefers_page(request: HttpRequest) -> bool:
    return request.get_preferred_type(["application/json", "text/html"]) == "text/html"
