"""Who must have a second factor and has none is led to its page, whatever else of the desk he asks for."""

from collections.abc import Callable
from functools import partial

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from soroka.access.proof import is_vouched, must_set_up

#: What is open to him beside it.
_OPEN = ("desk-second-factor", "admin:login", "admin:logout", "admin:jsi18n", "set_language")


class SetUpFirstMiddleware:
    """The API tells him by itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if self._is_closed(request):
            return HttpResponseRedirect(reverse("desk-second-factor"))
        return self.get_response(request)

    def _is_closed(self, request: HttpRequest) -> bool:
        """For whom the desk's pages ask for permissions anyway: that an administrator is one costs no query."""
        if not request.path_info.startswith(reverse("admin:index")) or request.path_info in map(reverse, _OPEN):
            return False
        if not request.user.is_authenticated:
            return False
        return must_set_up(partial(request.user.has_perm, "auth.change_user"), vouched=is_vouched(request.session))
