"""Answers that are files of many rows, made while they are sent."""

from collections.abc import Callable, Iterator
from threading import BoundedSemaphore
from typing import Any

from django.http import StreamingHttpResponse
from django.urls.converters import StringConverter
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import APIException, NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation

from soroka.exports.csv_file import as_csv
from soroka.exports.table import Table
from soroka.exports.xlsx_file import as_xlsx

#: Of the four requests that a web process answers at a time: who reads slowly leaves room for the others.
AT_ONCE = 2
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class FileKind(StringConverter):
    """The end of an address."""

    regex = "|".join(MEDIA_TYPES)


#: For the schema.
KIND = OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=list(MEDIA_TYPES))
FILE = {(200, media_type.partition(";")[0]): OpenApiTypes.BINARY for media_type in MEDIA_TYPES.values()}

_places = BoundedSemaphore(AT_ONCE)


class Busy(APIException):
    """As many files as may be are just being sent: 503."""

    status_code = 503
    default_detail = gettext_lazy("Other files are being sent. Ask again in a minute.")
    default_code = "busy"
    #: Seconds, for ``Retry-After``.
    wait = 60


class AddressDecides(DefaultContentNegotiation):
    """The address says what a file is, whatever ``Accept`` asks for; errors are as everywhere else."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        """Never a 406."""
        try:
            return super().select_renderer(request, renderers, format_suffix)
        except NotAcceptable:
            return renderers[0], renderers[0].media_type


class Attachment(StreamingHttpResponse):
    """A file that has a place until all of it is sent, or the caller has gone away. Nobody on the way keeps it."""

    def __init__(self, make: Callable[[], Iterator[bytes]], filename: str, media_type: str) -> None:
        """make: its pieces.  Raises Busy."""
        if not _places.acquire(blocking=False):
            raise Busy
        self._has_place = True
        try:
            super().__init__(make(), content_type=media_type)
        except BaseException:
            self._leave()
            raise
        self.headers["Content-Disposition"] = content_disposition_header(True, filename) or ""
        self.headers["Cache-Control"] = "no-store"

    def close(self) -> None:
        """The server calls it, also where the caller has gone away."""
        super().close()
        self._leave()

    def _leave(self) -> None:
        if self._has_place:
            self._has_place = False
            _places.release()


class Download(Attachment):
    """A table as a file."""

    def __init__(self, make: Callable[[], Table], name: str, kind: str) -> None:
        """make: what it is made of.  name: without its ending.  kind: of ``MEDIA_TYPES``.  Raises Busy."""
        super().__init__(lambda: _pieces(make(), kind), f"{name}.{kind}", MEDIA_TYPES[kind])


def _pieces(table: Table, kind: str) -> Iterator[bytes]:
    if kind == "xlsx":
        return as_xlsx(table)
    # As the spreadsheets of the caller's country expect it.
    separator = ";" if get_language() == "ru" else ","
    return as_csv(table, separator=separator, broken_off=_("The file broke off here: it is not whole. Ask again."))
