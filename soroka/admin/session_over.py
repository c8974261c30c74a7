"""What a page that fetches its parts by itself is told when whoever looks has to log in again, or to do more."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse


class SessionOverMiddleware:
    """No part of a page becomes the form of the login, or the page of the second factor.

    One that is fetched again and again has the whole page fetched anew, which then asks for it. One to which
    something was sent is refused, and the page keeps what was typed in it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_part = "HX-Request" in request.headers
        elsewhere = (reverse("admin:login"), reverse("desk-second-factor"))
        if not is_part or not response.get("Location", "").startswith(elsewhere):
            return response
        return HttpResponse(status=403, headers={"HX-Refresh": "true"} if request.method == "GET" else {})
