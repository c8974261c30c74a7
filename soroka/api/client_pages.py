from typing import Any

from django.db.models import QuerySet
from rest_framework.pagination import Cursor
from rest_framework.request import Request
from rest_framework.views import APIView

from soroka.api.client_query import seeks_attributes
from soroka.api.pages import CursorPages
from soroka.models import Client

#: Clients that one page of a search in attributes looks through: it has no index, and an answer is to be there soon.
LOOKED_THROUGH = 250_000


class ClientPages(CursorPages):
    """Pages of clients. One of a search in attributes ends where it has looked through enough of them: it may be short
    or empty, and the search be over only where no ``next`` is.
    """

    #: The id up to which this page has looked; None: to the end.
    _edge: int | None = None
    _backward = False

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> Any:
        """A page of those who were found."""
        if seeks_attributes(request.query_params.get("search", "")):
            queryset = self._near(queryset, self.decode_cursor(request))
        return super().paginate_queryset(queryset, request, view)

    def get_next_link(self) -> str | None:
        """Where the list goes on."""
        return self._beyond(super().get_next_link(), backward=False)

    def get_previous_link(self) -> str | None:
        """The same in the other direction."""
        return self._beyond(super().get_previous_link(), backward=True)

    def _near(self, clients: QuerySet[Client], cursor: Cursor | None) -> QuerySet[Client]:
        """Those up to the edge, which the primary key finds."""
        self._backward = bool(cursor and cursor.reverse)
        side, order = ("lt", "-pk") if self._backward else ("gt", "pk")
        ids = Client.objects.order_by(order).values_list("pk", flat=True)
        if cursor and cursor.position is not None:
            ids = ids.filter(**{f"pk__{side}": cursor.position})
        self._edge = ids[LOOKED_THROUGH - 1 : LOOKED_THROUGH].first()
        bound: dict[str, Any] = {"pk__gte" if self._backward else "pk__lte": self._edge}
        return clients if self._edge is None else clients.filter(**bound)

    def _beyond(self, link: str | None, *, backward: bool) -> str | None:
        """The link, or, where it would end at the edge, one that goes on from there."""
        if link or self._edge is None or backward is not self._backward:
            return link
        beyond: str = self.encode_cursor(Cursor(0, backward, self._edge))
        return beyond
