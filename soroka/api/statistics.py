from typing import Any

from rest_framework.generics import ListAPIView
from rest_framework.response import Response

from soroka.api.mailing_shapes import MailingSerializer
from soroka.api.pages import NumberedPages
from soroka.api.parameters import Ordering, Search
from soroka.domain.message import MailingStatus
from soroka.models import Mailing
from soroka.statistics.tally import by_status, overall

_COUNT = {"type": "integer"}
_FOUR = dict.fromkeys(("total", "in_process", "delivered", "not_sent"), _COUNT)


class MailingRowSerializer(MailingSerializer):
    """What one mailing came to."""

    class Meta(MailingSerializer.Meta):
        fields = ["id", "name", "starts_at", "ends_at", "status", "statistics"]
        read_only_fields = fields


class StatisticsPages(NumberedPages):
    """Pages of mailings, with the sums over all of them on every page."""

    def get_paginated_response(self, data: Any) -> Response:
        """``mailings`` and ``messages`` before what every page has."""
        statuses = by_status()
        page = super().get_paginated_response(data)
        page.data = {
            "mailings": {"total": sum(statuses.values()), "by_status": statuses},
            "messages": overall().as_dict(),
            **page.data,
        }
        return page

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The same for OpenAPI."""
        page: dict[str, Any] = super().get_paginated_response_schema(schema)
        statuses = _object({status.value: _COUNT for status in MailingStatus})
        page["properties"] |= {
            "mailings": _object({"total": _COUNT, "by_status": statuses}),
            "messages": _object(_FOUR),
        }
        page["required"] += ["mailings", "messages"]
        return page


class MailingStatisticsView(ListAPIView[Mailing]):
    """How many mailings and messages there are by status, and what each mailing came to."""

    queryset = Mailing.objects.all()
    serializer_class = MailingRowSerializer
    pagination_class = StatisticsPages
    filter_backends = [Search, Ordering]
    search_fields = ["name"]
    ordering_fields = ["id", "name", "starts_at", "ends_at"]


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}
