from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.views import BaseAutocompleteView
from unfold.widgets import UnfoldAdminTextInputWidget

from soroka.admin.api_form import ApiForm, WritesByForm
from soroka.admin.base import Desk
from soroka.api.fields import LONGEST_TAG
from soroka.api.problems import Conflict
from soroka.api.tags import TagSerializer, remove
from soroka.models import Tag


class TagForm(ApiForm):
    """The name."""

    serializer_class = TagSerializer
    name = forms.CharField(
        label=_("name"),
        max_length=LONGEST_TAG,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Upper and lower case are not told apart. A tag that is renamed stays the same tag."),
    )

    class Meta:
        model = Tag
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("name", self.instance.name)

    def body(self, answers: dict[str, Any]) -> dict[str, Any]:
        """As the API takes it."""
        return {"name": answers["name"]}


class TagChoices(BaseAutocompleteView):
    """Tags by a part of their name, for the fields that take some."""

    model = Tag

    def get_queryset(self) -> QuerySet[Tag]:
        """Those that the user may see and is typing the name of."""
        if not self.request.user.has_perm("soroka.view_tag"):
            return Tag.objects.none()
        return Tag.objects.filter(name__icontains=self.request.GET.get("term", "")).order_by("name")


@admin.register(Tag)
class TagAdmin(WritesByForm, Desk):
    """Labels of clients."""

    form = TagForm
    list_display = ["name", "number", "clients"]
    search_fields = ["name"]
    fields = ["name"]
    custom_urls = (("choices/", "soroka_tag_choices", TagChoices.as_view()),)

    @display(description=_("number"), ordering="pk")
    def number(self, tag: Tag) -> str:
        """What programs know it by."""
        return str(tag.pk)

    @display(description=_("clients"))
    def clients(self, tag: Tag) -> str:
        """The way to those who carry it."""
        return format_html(
            '<a class="text-link" href="{}?tag={}">{}</a>', reverse("admin:soroka_client_changelist"), tag.pk, _("show")
        )

    def delete_model(self, request: HttpRequest, obj: Tag) -> None:
        """As the API does it."""
        remove(obj)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Refused, with the reason, while a mailing needs the tag."""
        try:
            answer: HttpResponse = super().delete_view(request, object_id, extra_context)
        except Conflict as error:
            messages.error(request, str(error.detail))
            answer = HttpResponseRedirect(reverse("admin:soroka_tag_change", args=[object_id]))
        return answer
