from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.viewsets import ReadOnlyModelViewSet

from soroka.api.parameters import Ordering, Search
from soroka.models import Gateway

STATES = ["working", "failing", "stopped"]


class GatewaySerializer(serializers.ModelSerializer[Gateway]):
    """An external sending service. ``failing``: it is left alone and probed; ``stopped``: a person has to look."""

    state = serializers.SerializerMethodField()

    class Meta:
        model = Gateway
        fields = ["id", "name", "kind", "idempotent", "state", "stopped_at", "last_error"]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=STATES))
    def get_state(self, gateway: Gateway) -> str:
        """How it fares now."""
        if gateway.stopped_at:
            return "stopped"
        return "failing" if gateway.trouble else "working"


class GatewayViewSet(ReadOnlyModelViewSet[Gateway]):
    """The gateways that a mailing can name. They are made and changed in the admin."""

    queryset = Gateway.objects.all()
    lookup_value_converter = "int"
    serializer_class = GatewaySerializer
    filter_backends = [Search, Ordering]
    search_fields = ["name"]
    ordering_fields = ["id", "name"]
