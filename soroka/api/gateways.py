from datetime import datetime

from django.utils import timezone
from rest_framework import serializers
from rest_framework.viewsets import ReadOnlyModelViewSet

from soroka.api.parameters import Ordering, Search
from soroka.models import Gateway
from soroka.models.gateway import GatewayState

LIMITS = ["connections", "rate", "burst"]
RETRIES = ["max_tries", "backoff_base", "backoff_cap", "jitter"]
HEALTH = ["state", "stopped_at", "paused_until", "last_error"]


class GatewaySerializer(serializers.ModelSerializer[Gateway]):
    """An external sending service. ``failing``: it is left alone and probed; ``stopped``: a person has to look."""

    state = serializers.ChoiceField(choices=GatewayState.values)
    takes_replies = serializers.SerializerMethodField()
    paused_until = serializers.SerializerMethodField()

    class Meta:
        model = Gateway
        fields = ["id", "name", "kind", "idempotent", *LIMITS, *RETRIES, "takes_replies", *HEALTH]
        read_only_fields = fields

    def get_takes_replies(self, gateway: Gateway) -> bool:
        """Whether it has a secret to sign replies with; the secret itself is never shown."""
        return bool(gateway.inbound_secret)

    def get_paused_until(self, gateway: Gateway) -> datetime | None:
        """Until when it is left alone; null where it is not."""
        return gateway.paused_until if gateway.paused_until > timezone.now() else None


class GatewayViewSet(ReadOnlyModelViewSet[Gateway]):
    """The gateways that a mailing can name. They are made and changed in the admin."""

    queryset = Gateway.objects.all()
    lookup_value_converter = "int"
    serializer_class = GatewaySerializer
    filter_backends = [Search, Ordering]
    search_fields = ["name"]
    ordering_fields = ["id", "name"]
