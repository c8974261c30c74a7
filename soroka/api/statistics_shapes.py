"""The bodies of statistics, for the schema: the numbers come from ``soroka.statistics`` as they are."""

from typing import Any

from rest_framework import serializers

Counted = serializers.Serializer[dict[str, Any]]


class CountsSerializer(Counted):
    """``total = in_process + delivered + not_sent`` at any instant."""

    total = serializers.IntegerField()
    in_process = serializers.IntegerField()
    delivered = serializers.IntegerField()
    not_sent = serializers.IntegerField()


class MinuteSerializer(Counted):
    """What was settled in one minute."""

    minute = serializers.DateTimeField()
    delivered = serializers.IntegerField()
    not_sent = serializers.IntegerField()


class LatenessSerializer(Counted):
    """Offered minus due, in seconds; null before the first offer."""

    p50 = serializers.FloatField(allow_null=True)
    p99 = serializers.FloatField(allow_null=True)
    max = serializers.FloatField(allow_null=True)


class FullStatisticsSerializer(CountsSerializer):
    """Everything that is counted of one mailing."""

    not_sent_by_reason = serializers.DictField(child=serializers.IntegerField())
    by_operator_code = serializers.DictField(child=CountsSerializer())
    by_timezone = serializers.DictField(child=CountsSerializer())
    first_offered_at = serializers.DateTimeField(allow_null=True)
    last_settled_at = serializers.DateTimeField(allow_null=True)
    per_minute = MinuteSerializer(many=True)
    lateness_seconds = LatenessSerializer()
