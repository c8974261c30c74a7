"""Lists are pages: by number where things are few and counted, by cursor where they may be millions."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination, PageNumberPagination
from rest_framework.request import Request
from rest_framework.views import APIView

PAGE_SIZE = 50
MAX_PAGE_SIZE = 1000
MAX_PAGE = 10**9
MAX_ID = 2**63 - 1
_SIZE = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}


class NumberedPages(PageNumberPagination):
    """``count``, ``next``, ``previous``, ``results``."""

    page_size = PAGE_SIZE
    max_page_size = MAX_PAGE_SIZE
    page_size_query_param = "page_size"

    def get_page_size(self, request: Request) -> int:
        """Rows a page. Raises ValidationError."""
        return _page_size(request)

    def get_page_number(self, request: Request, paginator: Any) -> int:
        """Which page, from 1. Raises ValidationError; that there is none so far on is found later, and a 404."""
        return _number(request, "page", default=1, most=MAX_PAGE)

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """The parameters for OpenAPI."""
        return _bounded(super().get_schema_operation_parameters(view))


class CursorPages(CursorPagination):
    """``next``, ``previous``, ``results``: by id, never a count."""

    page_size = PAGE_SIZE
    max_page_size = MAX_PAGE_SIZE
    page_size_query_param = "page_size"
    ordering = "id"

    def get_page_size(self, request: Request) -> int:
        """Rows a page. Raises ValidationError."""
        return _page_size(request)

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """The parameters for OpenAPI."""
        return _bounded(super().get_schema_operation_parameters(view))

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Where the page begins. Raises ValidationError: a cursor is ours, and its position is an id."""
        try:
            cursor: Cursor | None = super().decode_cursor(request)
        except NotFound:
            raise _bad_cursor() from None
        if cursor and not _is_id(cursor.position):
            raise _bad_cursor()
        return cursor


class NewestFirst(CursorPages):
    """The same from the highest id down."""

    ordering = "-id"


def _page_size(request: Request) -> int:
    return _number(request, "page_size", default=PAGE_SIZE, most=MAX_PAGE_SIZE)


def _number(request: Request, name: str, *, default: int, most: int) -> int:
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most)) and 1 <= int(text) <= most):
        message = _("Must be a number from 1 to {most}.").format(most=most)
        raise ValidationError({name: message}, code="out_of_range")
    return int(text)


def _bounded(parameters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    schemas = {
        "page": {"type": "integer", "minimum": 1, "maximum": MAX_PAGE},
        "page_size": _SIZE,
        "cursor": {"type": "string", "minLength": 1},
    }
    return [each | {"schema": schemas.get(each["name"], each["schema"])} for each in parameters]


def _is_id(position: Any) -> bool:
    return str(position).isascii() and str(position).isdigit() and len(position) < 20 and int(position) <= MAX_ID  # noqa: PLR2004


def _bad_cursor() -> ValidationError:
    return ValidationError({"cursor": _("This is not a cursor. Take it from next or previous.")}, code="invalid_cursor")
