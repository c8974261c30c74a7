"""The body of a preview."""

from typing import Any

from rest_framework import serializers

from soroka.api.fields import OperatorCode, Phone
from soroka.api.words import CAUTION
from soroka.domain.segments import MOST_FORCING
from soroka.planning import preview
from soroka.planning.cautions import Caution, Cautioned

Seen = serializers.Serializer[Any]


class ZoneDueSerializer(Seen):
    """When the clients of a zone would be due first; ``expired``: their end has passed, or no window is left before."""

    timezone = serializers.CharField()
    clients = serializers.IntegerField()
    due_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    expired = serializers.BooleanField()


class SegmentsSerializer(Seen):
    """What a text costs: ``units`` of its encoding, ``segments`` that are paid for; ``forced_by`` forces UCS-2."""

    encoding = serializers.ChoiceField(choices=["GSM-7", "UCS-2"])
    units = serializers.IntegerField()
    segments = serializers.IntegerField()
    forced_by = serializers.ListField(
        child=serializers.CharField(), max_length=MOST_FORCING, help_text="The first different characters of them."
    )


class SampleSerializer(Seen):
    """What one client would read; where ``text`` is null, ``fault`` says why."""

    client = serializers.IntegerField()
    phone = Phone()
    text = serializers.CharField(allow_null=True)
    fault = serializers.CharField()
    segments = SegmentsSerializer(allow_null=True)


class QuarterSerializer(Seen):
    """A quarter of an hour in which something is sent; the first may have begun already."""

    at = serializers.DateTimeField(help_text="Its beginning.")
    messages = serializers.IntegerField()


class ZoneOutlookSerializer(Seen):
    """The timeline of a zone: the first 288 quarters of an hour in which something is sent."""

    timezone = serializers.CharField()
    expired = serializers.IntegerField(help_text="How many would have no message by their deadline.")
    quarters = QuarterSerializer(many=True)


class OutlookSerializer(Seen):
    """How the mailing would go by what its gateway lets through, if nothing else is started meanwhile."""

    speed = serializers.FloatField(allow_null=True, help_text="Messages a second; null: unknown, all is sent when due.")
    measured = serializers.BooleanField(help_text="By what was sent lately; else by the gateway's rate.")
    queued = serializers.IntegerField(help_text="Messages for the gateway that are there already.")
    ends_at = serializers.DateTimeField(
        allow_null=True, help_text="When the last is sent; null: none is, or not all within a month."
    )
    expired = serializers.IntegerField(help_text="How many would have no message by their deadline.")
    timeline = ZoneOutlookSerializer(many=True, source="zones")


class CautionedSerializer(Seen):
    """What may not be meant. ``clients`` is 0 where it is said of the mailing as a whole."""

    code = serializers.ChoiceField(choices=[caution.value for caution in Caution])
    words = serializers.SerializerMethodField()
    clients = serializers.IntegerField()
    timezones = serializers.ListField(child=serializers.CharField())

    def get_words(self, cautioned: Cautioned) -> str:
        """A sentence for people."""
        return str(CAUTION[cautioned.code])


class PreviewSerializer(Seen):
    """Whom a mailing would reach, when, and with what: the zone that is due first comes first."""

    clients = serializers.IntegerField()
    capped = serializers.IntegerField(source="crowd.capped")
    capped_exactly = serializers.BooleanField(source="crowd.exact")
    by_operator_code = serializers.SerializerMethodField()
    by_timezone = ZoneDueSerializer(many=True, source="zones")
    samples = SampleSerializer(many=True)
    forecast = OutlookSerializer(source="outlook")
    warnings = CautionedSerializer(many=True)

    def get_by_operator_code(self, seen: preview.Preview) -> dict[str, int]:
        """Clients by three digits."""
        code = OperatorCode()
        return {code.to_representation(key): clients for key, clients in seen.by_operator_code.items()}
