from collections.abc import Collection
from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from soroka.api.cap_choice import CapSerializer
from soroka.api.filter_field import FilterField
from soroka.api.gateway_names import FallbackNames, gateway_names
from soroka.api.send_window import SendWindowField
from soroka.api.shapes import PreparedRows, PreparedSerializer, tag_names
from soroka.api.statistics_shapes import CountsSerializer
from soroka.audience.filter import Filter
from soroka.domain.message import MailingStatus
from soroka.domain.schedule import Span
from soroka.models import Mailing
from soroka.models.status import statuses
from soroka.planning.resend import resent
from soroka.statistics.tally import counts

STATUSES = [status.value for status in MailingStatus]


class MailingSerializer(PreparedSerializer[Mailing]):
    """A mailing as it is now. ``local_start`` and ``local_end``: by the clocks of its zone, with ``local_time``."""

    filter = FilterField(read_only=True)
    segment = serializers.SlugRelatedField[Any](slug_field="name", read_only=True, allow_null=True)
    window = SendWindowField(read_only=True, allow_null=True)
    gateway = serializers.SlugRelatedField[Any](slug_field="name", read_only=True)
    fallbacks = FallbackNames(read_only=True)
    cap = CapSerializer(read_only=True, allow_null=True)
    messages_gone_at = serializers.DateTimeField(source="gone_at", read_only=True, allow_null=True)
    resend_of = serializers.IntegerField(
        source="resend_of_id", read_only=True, allow_null=True, help_text="Whose messages in doubt it sends once more."
    )
    resent_by = serializers.SerializerMethodField()
    local_start = serializers.SerializerMethodField()
    local_end = serializers.SerializerMethodField()
    status = serializers.SerializerMethodField()
    statistics = serializers.SerializerMethodField()

    class Meta:
        model = Mailing
        fields = [
            "id", "name", "text", "filter", "segment", "starts_at", "ends_at", "local_time", "local_start", "local_end",
            "window", "widen_window",
            "gateway", "fallbacks", "cap", "lift_cap", "messages_gone_at", "resend_of", "resent_by",
            "created_at", "status", "statistics",
        ]  # fmt: skip
        read_only_fields = fields
        list_serializer_class = PreparedRows

    def prepare(self, rows: Collection[Mailing]) -> None:
        """Statuses, counts, resends, tags and fallbacks of all mailings: a query each."""
        ids = [mailing.pk for mailing in rows]
        tag_ids = (tag_id for mailing in rows for tag_id in Filter.from_json(mailing.filter).tags)
        fallbacks = (gateway_id for mailing in rows for gateway_id in mailing.fallbacks)
        self.share(
            statuses=statuses(ids),
            counts=counts(ids),
            resent=resent(ids),
            tag_names=tag_names(tag_ids),
            gateway_names=gateway_names(fallbacks),
        )

    @extend_schema_field(serializers.ChoiceField(choices=STATUSES))
    def get_status(self, mailing: Mailing) -> str:
        """The status now."""
        return str(self.context["statuses"][mailing.pk])

    @extend_schema_field(CountsSerializer)
    def get_statistics(self, mailing: Mailing) -> dict[str, int]:
        """The four counts, exact now."""
        four: dict[str, int] = self.context["counts"][mailing.pk].as_dict()
        return four

    def get_resent_by(self, mailing: Mailing) -> int | None:
        """The mailing that sends once more what of this one is in doubt."""
        by: int | None = self.context["resent"].get(mailing.pk)
        return by

    def get_local_start(self, mailing: Mailing) -> str | None:
        """2026-11-27T10:00, on every client's own clock."""
        return _to_the_minute(_span(mailing).local_start) if mailing.local_time else None

    def get_local_end(self, mailing: Mailing) -> str | None:
        """2026-11-27T20:00, on every client's own clock."""
        return _to_the_minute(_span(mailing).local_end) if mailing.local_time else None


def _span(mailing: Mailing) -> Span:
    return Span(mailing.starts_at, mailing.ends_at, mailing.local_time, mailing.timezone)


def _to_the_minute(wall: datetime) -> str:
    """Seconds only where there are some."""
    return wall.isoformat(timespec="minutes" if not (wall.second or wall.microsecond) else "auto")
