from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.fields import UnfoldAdminMultipleAutocompleteModelChoiceField
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from soroka.admin.api_form import judge
from soroka.api.mailing_input import LONGEST_TEXT, NewMailingSerializer
from soroka.models import Gateway, Segment, Tag


class WallClock(forms.DateTimeInput):
    """The browser's own picker of a date and a time, which no zone is part of."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__({"class": " ".join(INPUT_CLASSES)})


class MailingForm(forms.Form):
    """A new mailing, judged by the API's rules."""

    name = forms.CharField(label=_("name"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget)
    text = forms.CharField(
        label=_("text"),
        max_length=LONGEST_TEXT,
        widget=UnfoldAdminTextareaWidget({"rows": 4}),
        help_text=_("{{ name }} is filled in with the client's attribute of this name."),
    )
    tags = UnfoldAdminMultipleAutocompleteModelChoiceField(
        "admin:soroka_tag_choices",
        label=_("tags"),
        queryset=Tag.objects.all(),
        required=False,
        help_text=_("None: clients with any tags or without."),
    )
    match = forms.ChoiceField(
        label=_("clients carry"),
        choices=[("any", _("any of the tags")), ("all", _("all of the tags"))],
        initial="any",
        required=False,
        widget=UnfoldAdminRadioSelectWidget,
    )
    operator_codes = forms.CharField(
        label=_("operator codes"),
        required=False,
        widget=UnfoldAdminTextInputWidget({"placeholder": "916, 926"}),
        help_text=_("Separated by commas or spaces. None: clients of every operator."),
    )
    everyone = forms.BooleanField(
        label=_("to every client"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Says that a mailing without tags and operator codes is meant."),
    )
    segment = forms.ModelChoiceField(
        label=_("segment"),
        queryset=Segment.objects.all(),
        to_field_name="name",
        required=False,
        empty_label=_("none: by tags and operator codes"),
        widget=UnfoldAdminSelectWidget,
        help_text=_("A saved filter, in place of tags and operator codes. The mailing keeps a copy of it."),
    )
    starts_at = forms.CharField(
        label=_("start"), required=False, widget=WallClock, help_text=_("Left empty: now, for everybody.")
    )
    ends_at = forms.CharField(label=_("end"), widget=WallClock, help_text=_("Nothing is sent after it."))
    local_time = forms.BooleanField(
        label=_("by the client's clock"),
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Start and end mean the same time of day in each client's own time zone."),
    )
    gateway = forms.ModelChoiceField(
        label=_("gateway"),
        queryset=Gateway.objects.all(),
        to_field_name="name",
        initial="default",
        empty_label=None,
        widget=UnfoldAdminSelectWidget,
    )
    fallbacks = forms.CharField(
        label=_("fallbacks"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Names of gateways, separated by commas: each takes over while those before it are down."),
    )

    def clean(self) -> dict[str, Any]:
        """Nothing is judged twice: what a field refused already is not sent on."""
        answers = super().clean() or self.cleaned_data
        if not self.errors:
            self.serializer = NewMailingSerializer(data=_body(answers))
            judge(self, self.serializer)
        return answers

    @property
    def asked(self) -> dict[str, Any]:
        """The arguments of ``create_mailing``, but for the user."""
        asked: dict[str, Any] = self.serializer.validated_data
        return asked


def _body(answers: dict[str, Any]) -> dict[str, Any]:
    """As a caller of the API would ask."""
    return {
        "name": answers["name"],
        "text": answers["text"],
        **_whom(answers),
        "starts_at": answers["starts_at"] or None,
        "ends_at": answers["ends_at"],
        "local_time": bool(answers["local_time"] and answers["starts_at"]),
        "gateway": answers["gateway"].name,
        "fallbacks": [name.strip() for name in answers["fallbacks"].split(",") if name.strip()],
    }


def _whom(answers: dict[str, Any]) -> dict[str, Any]:
    """The segment, and a filter unless nothing was said of one beside it: the API refuses both."""
    asked = {
        "tags": [tag.name for tag in answers["tags"]],
        "operator_codes": answers["operator_codes"].replace(",", " ").split(),
        "everyone": answers["everyone"],
    }
    if (segment := answers["segment"]) and not any(asked.values()):
        return {"segment": segment.name}
    return {"segment": segment.name if segment else None, "filter": {**asked, "match": answers["match"] or "any"}}
