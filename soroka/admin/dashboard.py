"""The home page of the desk: what goes on now, asked for every two seconds, and totals, asked for now and then."""

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from soroka.admin.home_now import context_of, sample_of
from soroka.admin.home_totals import charts
from soroka.admin.last_look import LastLook
from soroka.api.moments import zone_in_words
from soroka.statistics.now import SHOWN, look


def whats_up(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Adds what goes on now to the context of the page; the totals it fetches by itself."""
    if not request.user.has_perm("soroka.view_mailing"):
        return context
    shown, last = _shown(request, LastLook())
    return context | {"now": shown, "look": last}


def _part(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """For those who may see the page. Whose session is over has the whole page fetched anew, and is asked to log in."""

    def guarded(request: HttpRequest) -> HttpResponse:
        if admin.site.has_permission(request) and request.user.has_perm("soroka.view_mailing"):
            return view(request)
        return HttpResponse(status=403, headers={"HX-Refresh": "true"})

    return never_cache(guarded)


@_part
def show_now(request: HttpRequest) -> HttpResponse:
    """The live part, and what the next look has to know; that alone where nothing has changed since the last one."""
    last = LastLook.read(request.GET.get("look", ""))
    shown, following = _shown(request, last)
    is_new = following.shown != last.shown
    answer = TemplateResponse(
        request, "admin/soroka/home_look.html", {"now": shown if is_new else "", "look": following, "again": True}
    )
    if not is_new:
        answer["HX-Reswap"] = "none"
    return answer


@_part
def show_totals(request: HttpRequest) -> HttpResponse:
    """The charts."""
    return TemplateResponse(request, "admin/soroka/home_totals.html", {"charts": charts(), "zone": zone_in_words()})


def _shown(request: HttpRequest, last: LastLook) -> tuple[str, LastLook]:
    now = timezone.now()
    seen = look(SHOWN, now)
    sample = sample_of(seen, now)
    context = context_of(seen, last, sample, request.user)
    shown = render_to_string("admin/soroka/home_now.html", context, request)
    return shown, last.then(blake2b(shown.encode(), digest_size=8).hexdigest(), sample)
