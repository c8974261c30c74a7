from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase


class EitherSlashMiddleware:
    """Lets every path answer with and without a trailing slash, without a redirect, which would lose a body.

    Paths are routed without the slash; only Django's admin is written with it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.path_info = _as_routed(request.path_info)
        return self.get_response(request)


def _as_routed(path: str) -> str:
    bare = path.removesuffix("/")
    if bare == "/admin" or bare.startswith("/admin/"):
        return f"{bare}/"
    return bare or "/"
