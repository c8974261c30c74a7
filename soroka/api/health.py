from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, ChoiceField, DictField
from rest_framework.views import APIView

from soroka.api.problems import MEDIA_TYPE, problem
from soroka.models.gateway import GatewayState
from soroka.statistics.health import gateway_states, missing

_STATUS = inline_serializer("Health", {"status": CharField()})
_READINESS = inline_serializer(
    "Readiness", {"status": CharField(), "gateways": DictField(child=ChoiceField(choices=GatewayState.values))}
)


class Livez(APIView):
    """Whether the process answers."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(responses=_STATUS)
    def get(self, request: Request) -> Response:
        """Always well, if there is an answer at all."""
        return Response({"status": "alive"})


class Readyz(APIView):
    """Whether all that sending needs is there: database, broker, a worker."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(responses=_READINESS)
    def get(self, request: Request) -> Response:
        """503 names what is missing. How the gateways fare is told beside it: one in trouble is waited for."""
        absent = missing()
        if not absent:
            return Response({"status": "ready", "gateways": gateway_states()})
        errors = [{"field": name, "code": "not_ready", "message": why} for name, why in absent.items()]
        document = problem(request, 503, "not_ready", _("Not ready: each error names what is missing."), errors)
        return Response(document, status=503, content_type=MEDIA_TYPE)
