"""Lists are pages: by number where things are few and counted, by cursor where they may be millions."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination, PageNumberPagination
from rest_framework.request import Request

PAGE_SIZE = 50
MAX_PAGE_SIZE = 1000
MAX_ID = 2**63 - 1


class NumberedPages(PageNumberPagination):
    """``count``, ``next``, ``previous``, ``results``."""

    page_size = PAGE_SIZE
    max_page_size = MAX_PAGE_SIZE
    page_size_query_param = "page_size"

    def get_page_size(self, request: Request) -> int:
        """Rows a page. Raises ValidationError."""
        return _page_size(request)


class CursorPages(CursorPagination):
    """``next``, ``previous``, ``results``: by id, never a count."""

    page_size = PAGE_SIZE
    max_page_size = MAX_PAGE_SIZE
    page_size_query_param = "page_size"
    ordering = "id"

    def get_page_size(self, request: Request) -> int:
        """Rows a page. Raises ValidationError."""
        return _page_size(request)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Where the page begins. Raises ValidationError: a cursor is ours, and its position is an id."""
        try:
            cursor: Cursor | None = super().decode_cursor(request)
        except NotFound:
            raise _bad_cursor() from None
        if cursor and cursor.position is not None and not _is_id(cursor.position):
            raise _bad_cursor()
        return cursor


class NewestFirst(CursorPages):
    """The same from the highest id down."""

    ordering = "-id"


def _page_size(request: Request) -> int:
    text = request.query_params.get("page_size", str(PAGE_SIZE))
    if not (
        text.isascii() and text.isdigit() and len(text) <= len(str(MAX_PAGE_SIZE)) and 1 <= int(text) <= MAX_PAGE_SIZE
    ):
        message = _("Must be a number from 1 to {most}.").format(most=MAX_PAGE_SIZE)
        raise ValidationError({"page_size": message}, code="out_of_range")
    return int(text)


def _is_id(position: Any) -> bool:
    return str(position).isascii() and str(position).isdigit() and len(position) < 20 and int(position) <= MAX_ID  # noqa: PLR2004


def _bad_cursor() -> ValidationError:
    return ValidationError({"cursor": _("This is not a cursor. Take it from next or previous.")}, code="invalid_cursor")
