"""What a request's body may be: JSON of a sane depth, files of a sane size."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class ShallowJSONParser(JSONParser):
    """JSON as usual; what is nested deeper than the interpreter can follow is a 400."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        """The body as Python values. Raises ParseError."""
        try:
            return super().parse(*args, **kwargs)
        except RecursionError:
            raise ParseError(_("The JSON is nested too deeply.")) from None


class SizeLimit(FileUploadHandler):
    """Refuses an upload by its announced size, before a byte of it is stored.

    An upload handler, because a form may be read by the CSRF check long before any view or parser sees it.
    """

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, str],  # noqa: N803  Django's name
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        """Raises RequestDataTooBig above ``settings.UPLOAD_MAX_BYTES``."""
        if content_length > settings.UPLOAD_MAX_BYTES:
            raise RequestDataTooBig

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Passes everything on to the next handler."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Stores nothing."""
