"""Tells the trail who acts in a request."""

from collections.abc import Callable
from functools import partial

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from soroka.api.address import address_of
from soroka.api.request_id import request_id
from soroka.models import ApiKey
from soroka.models.change import Deed
from soroka.models.trail import Actor, acting, note


class ActingMiddleware:
    """Whatever is noted during a request names its user or key, its address and its id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with acting(partial(_actor, request)):
            return self.get_response(request)


@receiver(user_logged_in)
def note_login(sender: object, request: HttpRequest | None, user: User, **kwargs: object) -> None:
    """Whoever came in by his password, for a session or for tokens. What a program makes for itself has no path."""
    if request is not None and request.path:
        with acting(partial(_actor, request, user)):
            note(Deed.LOGGED_IN, user)


def _actor(request: HttpRequest, coming: User | None = None) -> Actor:
    """By now the API has put the user of a token or key into the request too. coming: who is not in it yet."""
    channel = "admin" if request.path.startswith(reverse("admin:index")) else "api"
    where = (channel, address_of(request), request_id(request))
    user = coming or getattr(request, "user", None)
    if not isinstance(user, User) and not getattr(user, "is_authenticated", False):
        return Actor("service", "", *where)
    key = ApiKey.objects.filter(user=user.pk).values_list("name", flat=True).first()  # type: ignore[union-attr]
    return Actor("key", key, *where) if key else Actor("user", user.get_username(), *where)  # type: ignore[union-attr]
