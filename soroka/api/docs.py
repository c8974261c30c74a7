"""The schema and its two readers, served from the packages: a browser that opens them asks nobody else."""

from functools import cache
from threading import Lock
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils import translation
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerView
from rest_framework.request import Request

from soroka.api.api_keys import SCHEME, ApiKeyAuthentication

#: Many who ask a process that has just begun wait for one making, and do not make one each.
_making = Lock()


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes API keys."""

    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """A header of its own kind, for OpenAPI knows Bearer and Basic only."""
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": f"`{SCHEME} <key>`"}


class SchemaView(SpectacularAPIView):
    """The schema, which anybody may ask for: it is made once for each language and format."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """``?lang=`` goes before the language of the caller, where there is such a one."""
        asked = request.GET.get("lang", "")
        language = asked if asked in dict(settings.LANGUAGES) else translation.get_language()
        renderer = request.accepted_renderer
        with _making:
            document = _document(language, renderer.media_type)
        name = f'inline; filename="Soroka.{renderer.format}"'
        return HttpResponse(document, content_type=renderer.media_type, headers={"Content-Disposition": name})


@cache
def _document(language: str, media_type: str) -> str | bytes:
    [renderer] = [each() for each in SpectacularAPIView.renderer_classes if each.media_type == media_type]
    with translation.override(language):
        schema = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    return renderer.render(schema)


class SwaggerView(SpectacularSwaggerView):
    """Swagger UI."""


class RedocView(SpectacularRedocView):
    """Redoc."""
