"""The body of a preview."""

from typing import Any

from rest_framework import serializers

from soroka.api.fields import OperatorCode, Phone
from soroka.planning import preview

Seen = serializers.Serializer[Any]


class ZoneDueSerializer(Seen):
    """When the clients of a zone would be due; ``expired``: their end has passed already."""

    timezone = serializers.CharField()
    clients = serializers.IntegerField()
    due_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    expired = serializers.BooleanField()


class SegmentsSerializer(Seen):
    """What a text costs: ``units`` of its encoding, ``segments`` that are paid for."""

    encoding = serializers.ChoiceField(choices=["GSM-7", "UCS-2"])
    units = serializers.IntegerField()
    segments = serializers.IntegerField()


class SampleSerializer(Seen):
    """What one client would read; where ``text`` is null, ``fault`` says why."""

    client = serializers.IntegerField()
    phone = Phone()
    text = serializers.CharField(allow_null=True)
    fault = serializers.CharField()
    segments = SegmentsSerializer(allow_null=True)


class PreviewSerializer(Seen):
    """Whom a mailing would reach, when, and with what: the zone that is due first comes first."""

    clients = serializers.IntegerField()
    by_operator_code = serializers.SerializerMethodField()
    by_timezone = ZoneDueSerializer(many=True, source="zones")
    samples = SampleSerializer(many=True)

    def get_by_operator_code(self, seen: preview.Preview) -> dict[str, int]:
        """Clients by three digits."""
        code = OperatorCode()
        return {code.to_representation(key): clients for key, clients in seen.by_operator_code.items()}
