"""What all pages share: bounded queries, facts that are fetched for a page at once, and pages of our own."""

import json
from typing import Any

from django.contrib.admin import ShowFacets
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator
from unfold.views import ChangeList

from soroka.admin.history import history_of
from soroka.api.pages import MAX_ID
from soroka.models.change import Deed
from soroka.models.trail import facts, note

#: Whoever writes these notes it himself, for the API and the command line as well.
_NOTED = {"client", "tag", "segment", "mailing", "apikey", "clientimport"}
_SECRET = ("password", "token", "secret")


class UncountedPaginator(InfinitePaginator):
    """Counts nothing: with millions of rows the count would be all that a page costs."""

    template_name = "admin/soroka/pages.html"
    #: Who looks for more uses the search and the filters: what is skipped is read as well.
    MOST_PAGES = 200

    @cached_property
    def count(self) -> int:
        """The rows that can be leafed through."""
        return int(self.per_page) * self.MOST_PAGES


class PreparedChangeList(ChangeList):
    """A list whose rows are prepared together."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page, and what its rows need from other tables."""
        super().get_results(request)
        self.full_result_count = self.result_count  # unknown: the header would make a remark of it
        rows: list[Any] = list(self.result_list)
        self.result_list = rows
        self.model_admin.prepare(rows)


class Desk(ModelAdmin):
    """A table on the desk."""

    show_full_result_count = False
    list_per_page = 50
    list_filter_submit = True  # what is typed into a filter needs a button
    show_facets = ShowFacets.NEVER  # they count
    warn_unsaved_form = True
    actions: list[str] | None = None  # deleting in bulk would pass by the rules

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list that calls ``prepare``."""
        return PreparedChangeList

    def prepare(self, rows: list[Any]) -> None:
        """Fetch what the columns of these rows need, by a fixed number of queries."""

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """Keep what the form changes for the entry in the trail."""
        names = [name for name in form.changed_data if not any(word in name for word in _SECRET)]
        hidden = dict.fromkeys((name for name in form.changed_data if name not in names), "…")
        before = {} if add else {name: form.initial.get(name) for name in names}
        request.trail = (_plain(before), _plain({name: form.cleaned_data.get(name) for name in names} | hidden))  # type: ignore[attr-defined]
        return super().construct_change_message(request, form, formsets, add)

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """An entry in the trail, in place of Django's own log."""
        self._note(request, Deed.CREATED, obj)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """An entry in the trail, in place of Django's own log."""
        self._note(request, Deed.CHANGED, obj)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Entries in the trail, in place of Django's own log."""
        for row in queryset:
            if row._meta.model_name not in _NOTED - {"apikey"}:
                note(Deed.DELETED, row, before=self.facts(row))

    def facts(self, row: Model) -> dict[str, Any]:
        """What the trail keeps of a row that is deleted."""
        return facts(row)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """The row's part of the trail."""
        row = self.seen(request, object_id)
        return self.page(request, "changes.html", str(row), original=row, changes=history_of(row))

    def _note(self, request: Any, deed: Deed, row: Model) -> None:
        if row._meta.model_name not in _NOTED:
            before, after = getattr(request, "trail", ({}, {}))
            note(deed, row, before=before, after=after)

    def page(self, request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
        """A page of our own, in the frame of the desk."""
        frame = self.admin_site.each_context(request) | {"opts": self.opts, "title": title, "model_admin": self}
        return TemplateResponse(request, f"admin/soroka/{template}", frame | context)

    def seen(self, request: HttpRequest, object_id: str) -> Any:
        """The row, for one who may see it. Raises Http404 and PermissionDenied."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return row


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """As JSON keeps it."""
    plain: dict[str, Any] = json.loads(json.dumps(values, default=str))
    return plain


def posted(request: HttpRequest) -> tuple[Any, Any]:
    """What a form is bound to: the answers and the files of a POST, else nothing."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def row_id(written: str | None) -> int:
    """The number of a row, or -1, which none has."""
    text = (written or "").strip()
    return int(text) if text.isascii() and text.isdigit() and int(text) <= MAX_ID else -1


class LargeTable(Desk):
    """A table that may have millions of rows: leafed through by its primary key, without a count."""

    paginator = UncountedPaginator
    ordering = ["-id"]
    sortable_by = ()


class Ledger(Desk):
    """Read only."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds rows here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes rows here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody deletes rows here."""
        return False
