"""Query parameters that narrow a list, read by the same fields as a body."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.filters import BaseFilterBackend, OrderingFilter, SearchFilter
from rest_framework.request import Request
from rest_framework.views import APIView

LONGEST_SEARCH = 100


class Query(serializers.Serializer[dict[str, Any]]):
    """The parameters of a list. The source of a field is the lookup that it stands for."""

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the rows that were asked for."""
        return rows.filter(**self.validated_data)


class ByQuery(BaseFilterBackend):
    """Narrows a list by the ``query_class`` of its view."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        """The rows that were asked for. Raises ValidationError."""
        query_class: type[Query] = view.query_class  # type: ignore[attr-defined]
        query = query_class(data=request.query_params.dict(), context={"view": view})
        query.is_valid(raise_exception=True)
        return query.narrow(queryset)


class Search(SearchFilter):
    """``?search=``: every word of it, in any of the columns."""

    search_description = "Every word of it, in any of the columns that are searched; case is ignored."
    _text = serializers.CharField(max_length=LONGEST_SEARCH, allow_blank=True)

    def get_search_terms(self, request: Request) -> list[str]:
        """The words. Raises ValidationError."""
        try:
            self._text.run_validation(request.query_params.get(self.search_param, ""))
        except serializers.ValidationError as error:
            raise serializers.ValidationError({self.search_param: error.detail}) from None
        return super().get_search_terms(request)

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """The parameter for OpenAPI."""
        [parameter] = super().get_schema_operation_parameters(view)
        return [parameter | {"schema": {"type": "string", "maxLength": LONGEST_SEARCH}}]


class Ordering(OrderingFilter):
    """``?ordering=``; rows that are alike in it follow by id, so that no page repeats or loses one."""

    ordering_description = "Names of columns, separated by commas; with a minus in front from the largest down."

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: APIView) -> list[str] | None:
        """The columns to order by, None for the order of the model. Raises ValidationError."""
        if request.query_params.get(self.ordering_param) == "":
            self.remove_invalid_fields(queryset, [""], view, request)
        ordering = super().get_ordering(request, queryset, view)
        return [*ordering, "pk"] if ordering else None

    def remove_invalid_fields(
        self, queryset: QuerySet[Any], fields: Iterable[str], view: APIView, request: Request
    ) -> list[str]:
        """All of the fields: a list in another order than was asked for would mislead. Raises ValidationError."""
        known = view.ordering_fields  # type: ignore[attr-defined]
        asked = list(fields)
        if any(field.removeprefix("-") not in known for field in asked):
            message = _("Can be: {names}; with a minus in front from the largest down.").format(names=", ".join(known))
            raise serializers.ValidationError({self.ordering_param: message}, code="invalid_choice")
        return asked

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """The parameter for OpenAPI."""
        [parameter] = super().get_schema_operation_parameters(view)
        column = f"-?({'|'.join(view.ordering_fields)})"  # type: ignore[attr-defined]
        return [parameter | {"schema": {"type": "string", "pattern": f"^{column}(,{column})*$"}}]
