from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

COLLECTIONS = {
    "tags": "tag-list",
    "clients": "client-list",
    "client_imports": "client-import-list",
    "segments": "segment-list",
    "gateways": "gateway-list",
    "mailings": "mailing-list",
    "messages": "message-list",
    "mailing_statistics": "mailing-statistics",
}


class Root(APIView):
    """Mailings that leave on time, and what became of every message."""

    def get_view_name(self) -> str:
        """The heading of the page."""
        return _("Soroka")

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """The address of every collection."""
        return Response({name: reverse(view, request=request) for name, view in COLLECTIONS.items()})
