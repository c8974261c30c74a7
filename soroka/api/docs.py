"""The schema and its two readers, served from the packages: a browser that opens them asks nobody else."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerView

from soroka.api.api_keys import SCHEME, ApiKeyAuthentication

#: Redoc's bundle would fetch a logo from its makers; both pages start with an inline script and style themselves.
POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "script-src 'self' 'unsafe-inline'; worker-src 'self' blob:"
)


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes API keys."""

    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """A header of its own kind, for OpenAPI knows Bearer and Basic only."""
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": f"`{SCHEME} <key>`"}


class SwaggerView(SpectacularSwaggerView):
    """Swagger UI."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, which may load nothing from elsewhere."""
        return _closed(super().dispatch(request, *args, **kwargs))


class RedocView(SpectacularRedocView):
    """Redoc."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, which may load nothing from elsewhere."""
        return _closed(super().dispatch(request, *args, **kwargs))


def _closed(response: HttpResponseBase) -> HttpResponseBase:
    response["Content-Security-Policy"] = POLICY
    return response
