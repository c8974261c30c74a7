"""The schema and its two readers, served from the packages: a browser that opens them asks nobody else."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.views import SpectacularRedocView, SpectacularSwaggerView

from soroka.api.api_keys import SCHEME, ApiKeyAuthentication


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes API keys."""

    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """A header of its own kind, for OpenAPI knows Bearer and Basic only."""
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": f"`{SCHEME} <key>`"}


class SwaggerView(SpectacularSwaggerView):
    """Swagger UI."""


class RedocView(SpectacularRedocView):
    """Redoc."""
