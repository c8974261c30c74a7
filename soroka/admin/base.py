"""How tables of millions are shown: no full count, newest first, and nothing written behind the queue's back."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib.admin import ModelAdmin
from django.core.paginator import Paginator
from django.http import HttpRequest

if TYPE_CHECKING:  # generic for the type checker only
    _ModelAdmin = ModelAdmin[Any]
    _Paginator = Paginator[Any]
else:
    _ModelAdmin, _Paginator = ModelAdmin, Paginator


class CappedPaginator(_Paginator):
    """Counts up to ``MOST`` rows; who looks for more uses the search and the filters."""

    MOST = 10_000

    @cached_property
    def count(self) -> int:
        """How many rows there are, or ``MOST``."""
        rows: Any = self.object_list
        return int(rows[: self.MOST].count())


class LargeTable(_ModelAdmin):
    """Bounded queries for a page."""

    show_full_result_count = False
    paginator = CappedPaginator
    list_per_page = 50

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deleting withdraws messages first: the API does it, this page does not."""
        return False


class Ledger(LargeTable):
    """Read only."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Only planning and imports add rows."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only the queue changes rows."""
        return False
