"""The zone in which the desk tells times: the viewer's choice, else that of his browser, else the service's."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from soroka.api.moments import offset_in_words
from soroka.domain.schedule import UnknownZone, known_zone, zone_names

#: What the viewer chose; and what static/soroka/zone.js found out, which is told again at every page.
CHOSEN, OF_BROWSER = "desk_zone", "browser_zone"
_YEAR = 365 * 24 * 3600
#: Names of the tz database that are no places: offsets, whose signs mean the contrary, and what is kept for old files.
_OLD = ("Etc/", "SystemV/", "US/", "posix/", "right/")


class ViewerZoneMiddleware:
    """Active in the admin alone: the API reads and writes by the service's zone, whoever asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(reverse("admin:index")):
            return self.get_response(request)
        with timezone.override(zone_of(request)):
            return self.get_response(request)


def zone_of(request: HttpRequest) -> ZoneInfo:
    """The zone of whoever asks. A cookie is what anybody may have written into it."""
    for cookie in (CHOSEN, OF_BROWSER):
        try:
            return known_zone(request.COOKIES.get(cookie, ""))
        except UnknownZone:
            continue
    return known_zone(settings.TIME_ZONE)


class ZoneForm(forms.Form):
    """The choice of a zone."""

    zone = forms.ChoiceField(label=gettext_lazy("time zone"), required=False, widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field: forms.ChoiceField = self.fields["zone"]  # type: ignore[assignment]
        field.choices = [("", _("that of the browser")), *_choices()]


def choose_zone(request: HttpRequest) -> HttpResponse:
    """The page on which the zone is chosen; the choice is kept in the browser, as that of the language is."""
    form = ZoneForm(request.POST or None, initial={"zone": request.COOKIES.get(CHOSEN, "")})
    if request.method == "POST" and form.is_valid():
        return _chosen(request, form.cleaned_data["zone"])
    frame = admin.site.each_context(request) | {"title": _("Time zone"), "form": form, "service": settings.TIME_ZONE}
    return TemplateResponse(request, "admin/soroka/zone.html", frame | {"back": _back(request)})


def _chosen(request: HttpRequest, zone: str) -> HttpResponse:
    response = HttpResponseRedirect(_back(request))
    if zone:
        response.set_cookie(
            CHOSEN, zone, _YEAR, path=reverse("admin:index"), secure=request.is_secure(), httponly=True, samesite="Lax"
        )
        messages.success(request, _("Times are shown by the clocks of %(zone)s.") % {"zone": zone})
    else:
        response.delete_cookie(CHOSEN, path=reverse("admin:index"), samesite="Lax")
        messages.success(request, _("Times are shown by the clock of the browser."))
    return response


def _back(request: HttpRequest) -> str:
    """To the page from which one came, if it is one of ours."""
    to = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(to, {request.get_host()}, require_https=request.is_secure())
    return to if is_ours else reverse("admin:index")


def _choices() -> list[tuple[str, str]]:
    """Every place by its name, with its offset now."""
    now = timezone.now()
    names = sorted(name for name in zone_names() if "/" in name and not name.startswith(_OLD))
    return [(name, f"{name} ({_offset(name, now)})") for name in [*names, "UTC"]]


def _offset(name: str, now: datetime) -> str:
    return offset_in_words(now.astimezone(known_zone(name)))
