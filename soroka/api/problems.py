"""Every error is a problem document (RFC 9457), whoever raised it."""

from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import IntegrityError
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg.errors import ForeignKeyViolation, UniqueViolation
from rest_framework import exceptions
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler

from soroka.api.request_id import request_id
from soroka.audience.bounded import TooSlow
from soroka.domain.schedule import BadSpan
from soroka.imports.erase import ImportUnderWay
from soroka.models import Mailing
from soroka.models.rule_words import translated
from soroka.planning.idempotency import KeyMismatch, MailingGone
from soroka.planning.resend import AlreadyResent
from soroka.queue.withdraw import NotAllowed

MEDIA_TYPE = "application/problem+json"


class Conflict(exceptions.APIException):
    """What was asked contradicts the present state: 409."""

    status_code = HTTPStatus.CONFLICT
    default_detail = gettext_lazy("Another request has just written the same. Read it and try again.")
    default_code = "conflict"


class Gone(exceptions.APIException):
    """It was there, and was removed by age: 410."""

    status_code = HTTPStatus.GONE
    default_detail = gettext_lazy("The messages of this mailing were removed by age. Its statistics stay.")
    default_code = "messages_gone"


class AnswerTooSlow(exceptions.APIException):
    """What was asked takes longer than it may: 503."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_detail = gettext_lazy("This takes longer than it may. Narrow the filter, or ask again in a quieter hour.")
    default_code = "too_slow"


class TooLarge(exceptions.APIException):
    """The body exceeds the limit: 413."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_detail = gettext_lazy("The body is larger than this address takes.")
    default_code = "too_large"


def problem_handler(exc: Exception, context: Mapping[str, Any]) -> HttpResponseBase | None:
    """The answer to an exception in a view; None where it is a fault of ours, which Django then logs as a 500."""
    request: Request = context["request"]
    if isinstance(exc, exceptions.NotAuthenticated) and request.method in SAFE_METHODS and _is_page(request):
        return redirect_to_login(request.get_full_path())
    exc = _as_api_exception(exc)
    response = exception_handler(exc, dict(context))
    if response is None or not isinstance(exc, exceptions.APIException):
        return None
    response.data = problem(request, response.status_code, *_told(exc))
    if not _is_page(request):
        response.content_type = MEDIA_TYPE
    return response


def problem(
    request: HttpRequest | Request, status: int, code: str, detail: str, errors: Iterable[dict[str, str]] = ()
) -> dict[str, Any]:
    """The document. code: a stable word; detail: a sentence for people; errors: ``field``, ``code``, ``message``."""
    return {
        "type": f"urn:soroka:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": _printable(detail),
        "errors": list(errors),
        "request_id": request_id(request),
    }


def _is_page(request: Request) -> bool:
    renderer = getattr(request, "accepted_renderer", None)
    return renderer is not None and renderer.media_type == "text/html"


def _as_api_exception(exc: Exception) -> Exception:
    """The same fault in the words of the API; what is a fault of ours stays as it is."""
    match exc:
        case Http404() | Mailing.DoesNotExist():  # removed by another request since this one looked it up
            exc = exceptions.NotFound()
        case PermissionDenied():
            exc = exceptions.PermissionDenied()
        case NotAllowed():
            exc = Conflict(translated(str(exc)), code="not_allowed")
        case BadSpan():
            exc = exceptions.ValidationError({"ends_at": str(exc)}, code="ends_before_start")
        case ImportUnderWay():
            exc = Conflict(
                _("An import is under way, and its file may name this client: erase when it is over."),
                code="import_under_way",
            )
        case KeyMismatch():
            exc = Conflict(translated(str(exc)), code="idempotency_mismatch")
        case MailingGone():
            exc = Conflict(translated(str(exc)), code="idempotency_gone")
        case AlreadyResent():
            exc = Conflict(translated(str(exc)), code="already_resent")
        case TooSlow():
            exc = AnswerTooSlow()
        case RequestDataTooBig():
            exc = TooLarge()
        case SuspiciousOperation():
            exc = exceptions.ParseError()
        case IntegrityError(__cause__=UniqueViolation() | ForeignKeyViolation()):
            exc = Conflict()  # written since the check: only the database could tell
    return exc


def _told(exc: exceptions.APIException) -> tuple[str, str, list[dict[str, str]]]:
    """Code, sentence and errors by field."""
    detail: Any = exc.detail
    if isinstance(exc, exceptions.ValidationError):
        return "invalid", _("The request is not valid; every error names its field."), list(by_field(detail))
    if isinstance(detail, dict):  # a JWT that is no good: its library wraps the sentence
        return str(detail["code"]), str(detail["detail"]), []
    return detail.code, detail, []


def by_field(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Nested errors as a flat list: ``filter.tags[1]``. An error of the whole body has an empty field.

    Their messages are in the user's language.
    """
    if isinstance(detail, dict):
        for key, value in detail.items():
            yield from by_field(value, _below(path, key))
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            yield from by_field(value, path if isinstance(value, exceptions.ErrorDetail) else _below(path, index))
    else:
        yield {"field": _printable(path), "code": detail.code, "message": _printable(translated(detail))}


def _below(path: str, key: str | int) -> str:
    if isinstance(key, int):
        return f"{path}[{key}]"
    if key == api_settings.NON_FIELD_ERRORS_KEY:
        return path
    return f"{path}.{key}" if path else key


def _printable(text: str) -> str:
    """Messages quote what was sent, and half a surrogate pair cannot be written as UTF-8."""
    return str(text).encode("utf-8", "replace").decode()
