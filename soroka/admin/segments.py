from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from soroka.admin import columns
from soroka.admin.api_form import ApiForm, WritesByForm, pathed
from soroka.admin.base import Desk, row_id
from soroka.admin.rules.shown import shown
from soroka.admin.rules.widget import Draft, RulesField, RulesWidget
from soroka.api.filter_words import filter_words
from soroka.api.problems import by_field
from soroka.api.segment_choice import LONGEST_NAME
from soroka.api.segments import AudienceSerializer, SegmentSerializer, remove
from soroka.api.shapes import tag_names
from soroka.audience.bounded import TooSlow
from soroka.audience.filter import Filter
from soroka.audience.matches import matches
from soroka.models import Client, Segment

#: Where a new segment begins: a condition that is not filled in.
_BEGINNING: dict[str, Any] = {"and": [{"tags": {"any": []}}]}


class SegmentForm(ApiForm):
    """A name and a filter."""

    serializer_class = SegmentSerializer
    name = forms.CharField(label=gettext_lazy("name"), max_length=LONGEST_NAME, widget=UnfoldAdminTextInputWidget)
    filter = RulesField(
        label=gettext_lazy("filter"), help_text=gettext_lazy("Who opted out is never taken, whatever the conditions.")
    )

    class Meta:
        model = Segment
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = SegmentSerializer(self.instance).data if self.instance.pk else {"name": "", "filter": _BEGINNING}
        self.initial = {**self.initial, "name": shown["name"], "filter": shown["filter"]}
        #: A button of the rows was pressed without JavaScript: the page comes again, and nothing is judged yet.
        self.is_rearranged = "filter-act" in self.data

    def full_clean(self) -> None:
        """Nothing where only the rows were rearranged."""
        if self.is_rearranged:
            self._errors, self.cleaned_data = ErrorDict(), {}
        else:
            super().full_clean()

    def is_valid(self) -> bool:
        """Whether it may be written."""
        return not self.is_rearranged and super().is_valid()

    def body(self, answers: dict[str, Any]) -> dict[str, Any]:
        """As the API takes it. Conditions that nobody touched stay written as they were."""
        written = answers["filter"].written()
        rows = shown(self.initial["filter"])
        same = answers["filter"].rules and rows and rows.written() == written
        return {"name": answers["name"], "filter": self.initial["filter"] if same else written}


@admin.register(Segment)
class SegmentAdmin(WritesByForm, Desk):
    """Saved filters."""

    form = SegmentForm
    list_display = ["name", "whom", "changed"]
    search_fields = ["name"]
    fields = ["name", "filter"]
    change_form_after_template = "admin/soroka/segment_count.html"

    def delete_model(self, request: HttpRequest, obj: Segment) -> None:
        """As the API does it."""
        remove(obj)

    def get_fields(self, request: HttpRequest, obj: Segment | None = None) -> Any:
        """The form, or the same in words for those who may only look."""
        return ("name", "whom") if obj and not self.has_change_permission(request, obj) else self.fields

    def prepare(self, rows: list[Any]) -> None:
        """The names of all tags at once."""
        for row in rows:
            row.audience = Filter.from_json(row.filter)
        names = tag_names(tag_id for row in rows for tag_id in row.audience.tags)
        for row in rows:
            row.words = filter_words(row.audience, names)

    changed = columns.moment("updated_at", gettext_lazy("changed"))

    @display(description=gettext_lazy("whom it takes"))
    def whom(self, segment: Any) -> str:
        """The filter in words."""
        if not hasattr(segment, "words"):
            self.prepare([segment])
        return str(segment.words)

    def get_urls(self) -> list[URLPattern]:
        """The parts of the page as well: the rows after one of their buttons, and the count."""
        parts = {
            "count/": (self.count_view, "soroka_segment_count"),
            "rules/": (self.rules_view, "soroka_segment_rules"),
        }
        guarded = [path(where, self.admin_site.admin_view(view), name=name) for where, (view, name) in parts.items()]
        return [*guarded, *super().get_urls()]

    def rules_view(self, request: HttpRequest) -> HttpResponse:
        """The rows after a button, or after a choice that asks for other fields; a part of the page."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        field = SegmentForm(request.POST)["filter"]
        answer = TemplateResponse(
            request, "admin/soroka/rules/draft.html", field.field.widget.drawn("filter", field.value())
        )
        answer["HX-Trigger-After-Settle"] = "recount"
        return answer

    def count_view(self, request: HttpRequest) -> HttpResponse:
        """How many clients the filter in the form takes now; a part of the page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return TemplateResponse(request, "admin/soroka/segment_counted.html", _counted(request.POST))


def _counted(data: QueryDict) -> dict[str, Any]:
    """What the part of the page shows: a count and a sample, or what is wrong."""
    if "segment" in data:
        segment = Segment.objects.filter(pk=row_id(str(data["segment"]))).first()
        return _taken(Filter.from_json(segment.filter)) if segment else {"faults": [_("This segment is gone.")]}
    draft = RulesWidget().value_from_datadict(data, {}, "filter")
    try:
        if (written := draft.written()) == _BEGINNING:
            return {"is_untouched": True}
        asked = AudienceSerializer(data={"filter": written})
    except (ValueError, RecursionError):
        return {"faults": [_("This is not JSON.")]}
    return _taken(asked.validated_data["audience"]) if asked.is_valid() else {"faults": _faults(draft, asked.errors)}


def _faults(draft: Draft, found: Any) -> list[str]:
    """The sentences; paths mean something to those who write JSON."""
    sentences = (error["message"] for error in by_field(found))
    return pathed(found) if draft.rules is None else list(dict.fromkeys(sentences))


def _taken(audience: Filter) -> dict[str, Any]:
    """The filter in words, and whom it takes unless that is too much to count."""
    words = filter_words(audience, tag_names(audience.tags))
    try:
        found = matches(audience)
    except TooSlow:
        return {"words": words, "slow": True}
    return {"words": words, "count": found.count, "sample": Client.objects.filter(pk__in=found.sample).order_by("pk")}
