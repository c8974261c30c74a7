"""The trail of changes: in words, a row's own history, and all of it for administrators."""

from contextlib import suppress
from ipaddress import ip_address
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.contrib.filters.admin import DropdownFilter, RangeDateTimeFilter
from unfold.decorators import display

from soroka.admin import columns
from soroka.admin.base import LargeTable, Ledger, UncountedPaginator, row_id
from soroka.admin.differences import differences, names_in
from soroka.api.trail_words import KINDS, actor_in_words, channel_in_words, kind_in_words
from soroka.models import Change
from soroka.models.change import Deed


class ByKind(DropdownFilter):
    """Entries about rows of one table."""

    title = gettext_lazy("object")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every table that has entries."""
        return [(kind, kind_in_words(kind)) for kind in KINDS]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """By kind, an index has it."""
        return queryset.filter(kind=self.value()) if self.value() in KINDS else queryset


class ByDeed(DropdownFilter):
    """Entries of one action."""

    title = gettext_lazy("action")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """All of them."""
        return list(Deed.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """By action, an index has it."""
        return queryset.filter(action=self.value()) if self.value() in Deed.values else queryset


def _meanings(term: str) -> list[dict[str, Any]]:
    """What may be looked for; each has an index."""
    meanings: list[dict[str, Any]] = [{"actor": term}, {"name": term}, {"request_id": term}]
    if (number := row_id(term)) > 0:
        meanings += [{"kind": kind, "object_id": number} for kind in KINDS]
    with suppress(ValueError):  # it is no address
        meanings.append({"address": str(ip_address(term.partition("%")[0]))})
    return meanings


@admin.register(Change)
class ChangeAdmin(Ledger, LargeTable):
    """Who did what, for administrators."""

    list_display = ["when", "who", "action", "what", "said", "through", "address"]
    list_display_links = None
    fields = [*list_display, "asked_as"]
    list_filter = [ByKind, ByDeed, ("at", RangeDateTimeFilter)]
    search_fields = ["actor"]
    search_help_text = gettext_lazy(
        "Who did it, from which address, the name or number of an object, the id of a request"
    )

    def prepare(self, rows: list[Any]) -> None:
        """The names of what the entries point at: a query each table."""
        names = names_in(rows)
        for change in rows:
            change.names = names

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """By whole names and numbers. Of each meaning an index gives as many as can be leafed through.

        They are fetched before: joined to the rows, they have PostgreSQL read the whole trail to find a rare one.
        """
        if not (term := search_term.strip()):
            return queryset, False
        most = self.list_per_page * UncountedPaginator.MOST_PAGES
        first, *others = [queryset.filter(**meant).order_by("-pk").values("pk")[:most] for meant in _meanings(term)]
        found = first.union(*others).order_by("-pk").values_list("pk", flat=True)[:most]
        return Change.objects.filter(pk__in=list(found)), False

    when = columns.moment("at", gettext_lazy("moment"))

    @display(description=gettext_lazy("who"))
    def who(self, change: Change) -> str:
        """User, key, command line or service."""
        return actor_in_words(change)

    @display(description=gettext_lazy("object"))
    def what(self, change: Change) -> str:
        """Its kind, name and number."""
        named = f" {change.name}" if change.name else ""
        return f"{kind_in_words(change.kind)}{named} № {change.object_id}"

    @display(description=pgettext_lazy("trail", "before → after"))
    def said(self, change: Any) -> str:
        """The fields that differ."""
        if not hasattr(change, "names"):
            self.prepare([change])
        return "; ".join(differences(change, change.names))

    @display(description=gettext_lazy("channel"))
    def through(self, change: Change) -> str:
        """API, desk, command line or service."""
        return channel_in_words(change)

    @display(description=gettext_lazy("request"), empty_value="")
    def asked_as(self, change: Change) -> str:
        """The id under which the logs know it."""
        return change.request_id
