import json
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from soroka.admin.api_form import ApiForm, WritesByForm, pathed
from soroka.admin.base import Desk
from soroka.api.filter_words import filter_words
from soroka.api.segment_choice import LONGEST_NAME
from soroka.api.segments import AudienceSerializer, SegmentSerializer
from soroka.api.shapes import tag_names
from soroka.audience.bounded import TooSlow
from soroka.audience.filter import Filter
from soroka.audience.matches import matches
from soroka.models import Client, Segment

#: Where a new segment begins: a filter that shows how conditions are written.
_BEGINNING = {"and": [{"tags": {"any": []}}, {"operator_codes": []}]}


class Readable(json.JSONEncoder):
    """Cyrillic as it is, a condition a line."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs | {"ensure_ascii": False, "indent": 2})


class SegmentForm(ApiForm):
    """A name and a filter."""

    serializer_class = SegmentSerializer
    name = forms.CharField(label=gettext_lazy("name"), max_length=LONGEST_NAME, widget=UnfoldAdminTextInputWidget)
    filter = forms.JSONField(
        label=gettext_lazy("filter"),
        encoder=Readable,
        widget=UnfoldAdminTextareaWidget({"rows": 14, "spellcheck": "false", "class": "desk-code"}),
        help_text=gettext_lazy(
            "Conditions as JSON, combined by and, or, not: tags (any, all, none), operator_codes, timezones, attribute "
            "(eq, ne, lt, gt, in, exists), created_since, delivered, not_delivered. Who opted out is never taken."
        ),
    )

    class Meta:
        model = Segment
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = SegmentSerializer(self.instance).data if self.instance.pk else {"name": "", "filter": _BEGINNING}
        self.initial = {**self.initial, "name": shown["name"], "filter": shown["filter"]}

    def body(self, answers: dict[str, Any]) -> dict[str, Any]:
        """As the API takes it."""
        return {"name": answers["name"], "filter": answers["filter"]}


@admin.register(Segment)
class SegmentAdmin(WritesByForm, Desk):
    """Saved filters."""

    form = SegmentForm
    list_display = ["name", "whom", "updated_at"]
    search_fields = ["name"]
    fields = ["name", "filter"]
    change_form_after_template = "admin/soroka/segment_count.html"

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

    @display(description=gettext_lazy("whom it takes"))
    def whom(self, segment: Any) -> str:
        """The filter in words."""
        if not hasattr(segment, "words"):
            self.prepare([segment])
        return str(segment.words)

    def get_urls(self) -> list[URLPattern]:
        """The answer of the button as well."""
        count = path("count/", self.admin_site.admin_view(self.count_view), name="soroka_segment_count")
        return [count, *super().get_urls()]

    def count_view(self, request: HttpRequest) -> HttpResponse:
        """How many clients the filter in the form takes now; a part of the page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return TemplateResponse(request, "admin/soroka/segment_counted.html", _counted(request.POST.get("filter", "")))


def _counted(written: str) -> dict[str, Any]:
    """What the part of the page shows: a count and a sample, or what is wrong."""
    try:
        asked = AudienceSerializer(data={"filter": json.loads(written)})
    except ValueError:
        return {"faults": [_("This is not JSON.")]}
    if not asked.is_valid():
        return {"faults": pathed(asked.errors)}
    try:
        found = matches(asked.validated_data["audience"])
    except TooSlow:
        return {"faults": [_("Counting takes longer than it may. Narrow the filter.")]}
    return {"count": found.count, "sample": Client.objects.filter(pk__in=found.sample).order_by("pk")}
