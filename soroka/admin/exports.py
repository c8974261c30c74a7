"""Which clients a file is to have. The file itself is the API's."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.fields import UnfoldAdminAutocompleteModelChoiceField
from unfold.widgets import UnfoldAdminSelect2Widget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from soroka.admin.api_form import judge
from soroka.admin.base import Desk, posted
from soroka.api.download import MEDIA_TYPES
from soroka.api.exports import ClientChoice
from soroka.models import Segment, Tag, Zone


def _zones() -> list[tuple[str, str]]:
    return [("", "---------"), *((name, name) for name in Zone.objects.values_list("name", flat=True))]


class ExportForm(forms.Form):
    """Each answer narrows the choice further, by the rules of the API; none: all clients."""

    segment = forms.ModelChoiceField(
        label=gettext_lazy("segment"),
        queryset=Segment.objects.all(),
        to_field_name="name",
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("Whom it takes now: nobody who opted out."),
    )
    tag = UnfoldAdminAutocompleteModelChoiceField(
        "admin:soroka_tag_choices", label=gettext_lazy("tag"), queryset=Tag.objects.all(), required=False
    )
    operator_code = forms.CharField(
        label=gettext_lazy("operator code"), required=False, widget=UnfoldAdminTextInputWidget({"placeholder": "916"})
    )
    timezone = forms.ChoiceField(
        label=gettext_lazy("time zone"), choices=_zones, required=False, widget=UnfoldAdminSelect2Widget
    )
    opted_out = forms.ChoiceField(
        label=gettext_lazy("opted out"),
        choices=[("", "---------"), ("true", gettext_lazy("Yes")), ("false", gettext_lazy("No"))],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )

    def clean(self) -> dict[str, Any]:
        """What a field refused already is not judged again."""
        answers = super().clean() or self.cleaned_data
        self.asked = {
            name: getattr(answer, "name", answer) for name, answer in answers.items() if answer not in (None, "")
        }
        if not self.errors:
            judge(self, ClientChoice(data=self.asked))
        return answers


def export_page(desk: Desk, request: HttpRequest) -> HttpResponse:
    """Ask for a choice of clients, and lead to the file of them."""
    form = ExportForm(*posted(request))
    kind = request.POST.get("kind", "")
    if request.method == "POST" and kind in MEDIA_TYPES and form.is_valid():
        return HttpResponseRedirect(f"{reverse('client-export', args=[kind])}?{urlencode(form.asked)}")
    return desk.page(request, "export_form.html", _("Export clients"), form=form, kinds=MEDIA_TYPES)
