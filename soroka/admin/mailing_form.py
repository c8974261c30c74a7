from collections.abc import Set as AbstractSet
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

from soroka.admin.api_form import judge, sentences
from soroka.admin.hours import HoursForm, window_of
from soroka.api.mailing_input import LONGEST_TEXT, NewMailingSerializer
from soroka.dispatch.gateways import DEFAULT
from soroka.domain.cap import MOST_DAYS, MOST_MESSAGES
from soroka.models import Gateway, Segment, Tag

_CAP = ("cap_messages", "cap_days")
TEXT = {"text"}
WHOM = {"segment", "tags", "match", "operator_codes", "everyone"}
WHEN = {"starts_at", "ends_at", "local_time", "window_from", "window_to", "window_days", "widen_window"}
HOW = {"gateway", "fallbacks", *_CAP, "lift_cap"}
#: Answers at which nothing is wrong, in place of those that are still missing.
_HARMLESS: dict[str, Any] = {
    "name": "", "text": "-", "segment": None, "tags": (), "match": "any", "operator_codes": "", "everyone": True,
    "starts_at": "", "ends_at": "2099-01-01T00:00", "local_time": False,
    "window_from": "", "window_to": "", "window_days": [], "widen_window": True,
    "gateway": Gateway(name=DEFAULT), "fallbacks": "", "cap_messages": None, "cap_days": None, "lift_cap": True,
}  # fmt: skip


class WallClock(forms.DateTimeInput):
    """The browser's own picker of a date and a time, which no zone is part of."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__({"class": " ".join(INPUT_CLASSES)})


class MailingForm(HoursForm):
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
    cap_messages = forms.IntegerField(
        label=_("at most so many messages to one client"),
        required=False,
        min_value=1,
        max_value=MOST_MESSAGES,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Of all mailings together. Left empty: as the service is set up."),
    )
    cap_days = forms.IntegerField(
        label=_("within so many days"),
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        widget=UnfoldAdminTextInputWidget,
    )
    lift_cap = forms.BooleanField(
        label=_("may exceed the service's cap"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("For what must reach everybody. With both numbers left empty there is no cap."),
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
        """All that is wrong at once. Nothing is judged twice: what a field refused already counts as harmless."""
        answers = super().clean() or self.cleaned_data
        given = [name for name in _CAP if answers.get(name) is not None]
        for name in _CAP if len(given) == 1 else ():
            if name not in given and name not in self.errors:
                self.add_error(name, _("Give both numbers or none."))
        refused = set(self.errors).union(*(group for group in (WHOM, WHEN, HOW) if group & self.errors.keys()))
        self.serializer = NewMailingSerializer(data=_body(answers | {name: _HARMLESS[name] for name in refused}))
        judge(self, self.serializer)
        return answers

    def alone(self, names: AbstractSet[str]) -> tuple[dict[str, Any] | None, list[str]]:
        """What these fields ask for, judged without the others; None, and sentences, where something is wrong."""
        if wrong := names & self.errors.keys():
            return None, [str(sentence) for name in self.fields if name in wrong for sentence in self.errors[name]]
        answers = _HARMLESS | {name: self.cleaned_data[name] for name in names}
        judged = NewMailingSerializer(data=_body(answers))
        return (judged.validated_data, []) if judged.is_valid() else (None, list(sentences(judged.errors)))

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
        "window": window_of(answers),
        "widen_window": answers["widen_window"],
        "cap": _cap(answers),
        "lift_cap": answers["lift_cap"],
        "gateway": answers["gateway"].name,
        "fallbacks": [name.strip() for name in answers["fallbacks"].split(",") if name.strip()],
    }


def _cap(answers: dict[str, Any]) -> dict[str, Any] | None:
    """None where neither number was given."""
    numbers = {"messages": answers["cap_messages"], "days": answers["cap_days"]}
    return None if numbers == {"messages": None, "days": None} else numbers


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
