"""What the browser may load and run, by the kind of page. Why each is as wide as it is: docs/adr/0030."""

from typing import Any

from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest
from django.http.response import HttpResponseBase

_NOTHING: dict[str, Any] = {
    "default-src": [NONE],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [NONE],
}
_PAGE = _NOTHING | {
    "connect-src": [SELF],
    "font-src": [SELF],
    "form-action": [SELF],
    "img-src": [SELF, "data:"],
    "object-src": [NONE],
    "script-src": [SELF, NONCE],
    "style-src": [SELF, NONCE],
    "style-src-attr": [UNSAFE_INLINE],
}
# Alpine, on which Unfold stands, makes functions of the attributes of its markup.
_DESK = _PAGE | {"script-src": [SELF, NONCE, UNSAFE_EVAL]}
#: By the beginning of the path; the first that fits. The last is for pages of the browsable API.
_PAGES: list[tuple[str, dict[str, Any]]] = [
    # It shows the letter in a frame, so that neither's styles reach the other.
    ("/admin/report", _DESK | {"frame-src": [SELF]}),
    ("/admin", _DESK),
    ("/u/", _NOTHING | {"form-action": [SELF], "img-src": ["data:"], "style-src": [NONCE]}),
    # Its styles are written by a script into the head, and its search runs in a worker that it makes of a text.
    ("/redoc", _PAGE | {"style-src": [SELF, UNSAFE_INLINE], "worker-src": ["blob:"]}),
    ("/", _PAGE),
]


class PolicyMiddleware(CSPMiddleware):
    """Every answer has a policy: a page that of its kind, and whatever is no page may do nothing at all."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """With what else an answer says to browsers."""
        return _closed(super().process_response(request, response))

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        """None is reported only."""
        if report_only:
            return PolicyParts()
        is_page = response.get("Content-Type", "").startswith("text/html")
        policy = _policy_of(request.path_info) if is_page else _NOTHING
        return PolicyParts(config=policy, nonce=getattr(request, "_csp_nonce", None))


def _closed(response: HttpResponseBase) -> HttpResponseBase:
    """What a page may ask of the machine, and who may take an answer into a page of his own: nothing and nobody."""
    response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    return response


def _policy_of(path: str) -> dict[str, Any]:
    return next(policy for beginning, policy in _PAGES if path.startswith(beginning))
