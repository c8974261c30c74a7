"""The daily report on the desk: what it says of a day, and to whom it was sent."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from unfold.widgets import UnfoldAdminTextInputWidget

from soroka.models import ReportMail
from soroka.models.clock import database_now
from soroka.report.day import report_of
from soroka.report.letter import letter_of

#: What was sent lately, and for how many days one may ask: of a day long ago, all mailings since are looked through.
_SHOWN, _DAYS_BACK = 30, 366
#: A letter brings its own colours and nothing else.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


class DayForm(forms.Form):
    """Which day."""

    day = forms.DateField(label=gettext_lazy("day"), widget=UnfoldAdminTextInputWidget({"type": "date"}))

    def clean_day(self) -> date:
        """Raises ValidationError for a day of which nobody would know."""
        day: date = self.cleaned_data["day"]
        if not _today() - timedelta(days=_DAYS_BACK) <= day <= _today():
            raise forms.ValidationError(_("Choose a day of the last year."))
        return day


def show_report(request: HttpRequest) -> HttpResponse:
    """The page: the letter of a day, which is yesterday unless one is chosen, and what became of those before."""
    form = _asked(request)
    context = admin.site.each_context(request) | {
        "title": _("Daily report"),
        "form": form,
        "day": form.cleaned_data["day"].isoformat() if form.is_valid() else "",
        "recipients": settings.REPORT_TO,
        "hour": f"{settings.REPORT_HOUR:02}:00",
        "zone": settings.TIME_ZONE,
        "sent": ReportMail.objects.all()[:_SHOWN],
    }
    return TemplateResponse(request, "admin/soroka/report.html", context)


@xframe_options_sameorigin
def show_letter(request: HttpRequest) -> HttpResponse:
    """The letter alone, as a mail program would show it, in the viewer's language."""
    form = _asked(request)
    if not form.is_valid():
        return HttpResponse(status=404)
    letter = letter_of(report_of(form.cleaned_data["day"]), get_language() or settings.REPORT_LANGUAGE)
    return HttpResponse(letter.html, headers={"Content-Security-Policy": _POLICY})


def _asked(request: HttpRequest) -> DayForm:
    """Raises PermissionDenied."""
    if not request.user.has_perm("soroka.view_reportmail"):
        raise PermissionDenied
    return DayForm({"day": request.GET.get("day") or _today() - timedelta(days=1)})


def _today() -> date:
    return database_now().astimezone(ZoneInfo(settings.TIME_ZONE)).date()
