"""The hours at which clients may be written to: asked for in a form, and said in words."""

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from soroka.api.send_window import service_window
from soroka.domain.send_window import WEEK, SendWindow

#: So many holidays are named one by one.
_NAMED = 5


class HoursForm(forms.Form):
    """The send window of a mailing; it begins with the service's. Holidays are the service's as well."""

    window_from = forms.CharField(
        label=gettext_lazy("write from"),
        required=False,
        initial=lambda: _initial("from"),
        widget=UnfoldAdminTextInputWidget({"placeholder": "09:00"}),
        help_text=gettext_lazy("By each client's own clock. Left empty, both: at every hour."),
    )
    window_to = forms.CharField(
        label=gettext_lazy("to"),
        required=False,
        initial=lambda: _initial("to"),
        widget=UnfoldAdminTextInputWidget({"placeholder": "21:00"}),
        help_text=gettext_lazy("Up to 24:00; the next day where it is the earlier one."),
    )
    window_days = forms.TypedMultipleChoiceField(
        label=gettext_lazy("on days"),
        choices=[(day + 1, name) for day, name in WEEKDAYS.items()],
        coerce=int,
        required=False,
        initial=lambda: _initial("days") or sorted(WEEK),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=gettext_lazy("None: on all of them."),
    )
    widen_window = forms.BooleanField(
        label=gettext_lazy("wider than the service's hours"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=gettext_lazy("Says that hours beyond those of the service are meant."),
    )


def window_of(answers: dict[str, Any]) -> dict[str, Any] | None:
    """As a caller of the API would ask; None where neither hour was given."""
    asked = {"from": answers["window_from"], "to": answers["window_to"], "days": answers["window_days"]}
    if not asked["from"] and not asked["to"]:
        return None
    return {name: value for name, value in asked.items() if value}


def hours_in_words(window: SendWindow) -> str:
    """``09:00-21:00, Mon, Tue, but not on 1 January 2027``."""
    kept = window.to_json()
    days = _("every day") if window.days == WEEK else ", ".join(str(WEEKDAYS_ABBR[day - 1]) for day in kept["days"])
    return f"{kept['from']}–{kept['to']}, {days}{_holidays(window)}"


def _holidays(window: SendWindow) -> str:
    if not window.holidays:
        return ""
    if (number := len(window.holidays)) > _NAMED:
        return _(", holidays: %(number)d") % {"number": number}
    dates = ", ".join(date_format(day) for day in sorted(window.holidays))
    return _(", but not on %(dates)s") % {"dates": dates}


def _initial(name: str) -> Any:
    window = service_window()
    return window.to_json()[name] if window else None
