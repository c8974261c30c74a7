"""`/metrics`: for a Prometheus that knows the token, and for nobody where there is none."""

import secrets
import time
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from soroka.metrics.ledger import Ledger
from soroka.metrics.requests import answered, registry

_ledger = CollectorRegistry()
_ledger.register(Ledger())


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Every figure there is. 404 while METRICS_TOKEN is not set, 401 with another one."""
    token = settings.READ_METRICS_TOKEN()
    if not token:
        raise Http404
    said = request.headers.get("Authorization", "")
    if not secrets.compare_digest(said.encode(), f"Bearer {token}".encode()):
        refusal = HttpResponse("The token is not that of METRICS_TOKEN.\n", "text/plain", HTTPStatus.UNAUTHORIZED)
        refusal["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return refusal
    return HttpResponse(generate_latest(registry()) + generate_latest(_ledger), CONTENT_TYPE_PLAIN_0_0_4)


class CountingMiddleware:
    """Counts every request with the time that it took until its answer began."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        answered(match.route if match else "", request.method or "", response.status_code, time.perf_counter() - began)
        return response
