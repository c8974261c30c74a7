"""Query parameters that narrow a list, read by the same fields as a body."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.filters import BaseFilterBackend, OrderingFilter
from rest_framework.request import Request
from rest_framework.views import APIView


class Query(serializers.Serializer[dict[str, Any]]):
    """The parameters of a list. The source of a field is the lookup that it stands for."""

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the rows that were asked for."""
        return rows.filter(**self.validated_data)


class ByQuery(BaseFilterBackend):
    """Narrows a list by the ``query_class`` of its view; a parameter without a value does not count."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        """The rows that were asked for. Raises ValidationError."""
        query_class: type[Query] = view.query_class  # type: ignore[attr-defined]
        query = query_class(data={name: value for name, value in request.query_params.items() if value})
        query.is_valid(raise_exception=True)
        return query.narrow(queryset)


class Ordering(OrderingFilter):
    """``?ordering=``; rows that are alike in it follow by id, so that no page repeats or loses one."""

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: APIView) -> list[str] | None:
        """The columns to order by, None for the order of the model."""
        ordering = super().get_ordering(request, queryset, view)
        return [*ordering, "pk"] if ordering else None
