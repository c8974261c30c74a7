from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ModelViewSet

from soroka.api.clients import ClientSerializer
from soroka.api.fields import Text
from soroka.api.filter_field import FilterField
from soroka.api.held_tags import missing_tags
from soroka.api.parameters import Ordering, Search
from soroka.api.segment_choice import LONGEST_NAME, SegmentName, choose
from soroka.api.shapes import PreparedRows, PreparedSerializer, tag_names
from soroka.api.why_shapes import FatesSerializer, WhyQuery
from soroka.audience.filter import Filter
from soroka.audience.matches import matches
from soroka.audience.why import fates
from soroka.models import Client, Mailing, Segment
from soroka.models.change import Deed
from soroka.models.trail import facts, note, note_change


class SegmentSerializer(PreparedSerializer[Segment]):
    """A filter with a name."""

    name = Text(max_length=LONGEST_NAME)
    filter = FilterField()

    class Meta:
        model = Segment
        fields = ["id", "name", "filter", "created_at", "updated_at"]
        read_only_fields = ["created_at", "updated_at"]
        list_serializer_class = PreparedRows

    def prepare(self, rows: Collection[Segment]) -> None:
        """Look up the names of all tags at once."""
        self.share(tag_names=tag_names(tag_id for row in rows for tag_id in Filter.from_json(row.filter).tags))

    def validate_name(self, name: str) -> str:
        """The name, if no other segment has it, case ignored by the database's rules."""
        same = Segment.objects.filter(Exact(Lower("name"), Lower(Value(name))))
        if same.exclude(pk=getattr(self.instance, "pk", 0)).exists():
            raise serializers.ValidationError(_("There is a segment of this name."), code="unique")
        return name

    @transaction.atomic
    def create(self, validated_data: dict[str, Any]) -> Segment:
        """A new row."""
        segment = super().create(_kept(validated_data))
        note(Deed.CREATED, segment, after=facts(segment))
        return segment

    @transaction.atomic
    def update(self, instance: Segment, validated_data: dict[str, Any]) -> Segment:
        """Write what was given. Mailings that were made of it keep their copy."""
        before = facts(instance)
        segment = super().update(instance, _kept(validated_data))
        note_change(segment, before)
        return segment


class AudienceSerializer(serializers.Serializer[Any]):
    """A filter, or the name of a segment."""

    filter = FilterField(source="audience", required=False)
    segment = SegmentName(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one of the two."""
        return choose(attrs, None, partial=False)


class MatchesSerializer(serializers.Serializer[Any]):
    """Whom a filter takes now."""

    count = serializers.IntegerField(help_text="Exact.")
    sample = ClientSerializer(many=True, help_text="A few of them.")


@extend_schema_view(destroy=extend_schema(description="Mailings that were made of it keep their copy."))
class SegmentViewSet(ModelViewSet[Segment]):
    """Saved filters."""

    queryset = Segment.objects.all()
    lookup_value_converter = "int"
    filter_backends = [Search, Ordering]
    search_fields = ["name"]
    ordering_fields = ["id", "name", "created_at", "updated_at"]

    def perform_destroy(self, instance: Segment) -> None:
        """With its entry in the trail."""
        remove(instance)

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        """A preview is asked for without a name."""
        return AudienceSerializer if self.action == "preview" else SegmentSerializer

    @extend_schema(request=AudienceSerializer, responses=MatchesSerializer)
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """How many clients a filter or a segment takes now, and a few of them. Who opted out is never taken."""
        asked = AudienceSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        found = matches(asked.validated_data["audience"])
        sample = Client.objects.select_related("zone").filter(pk__in=found.sample).order_by("pk")
        return Response({"count": found.count, "sample": ClientSerializer(sample, many=True).data})

    @extend_schema(parameters=[WhyQuery], responses=FatesSerializer)
    @action(detail=True, filter_backends=[], pagination_class=None)
    def why(self, request: Request, pk: int) -> Response:
        """What became in a mailing of all clients who match the segment now; their numbers sum to ``clients``."""
        segment = self.get_object()
        mailing = get_object_or_404(Mailing, pk=WhyQuery.mailing_of(request))
        return Response(FatesSerializer(fates(Filter.from_json(segment.filter), mailing)).data)


@transaction.atomic
def remove(segment: Segment) -> None:
    """Delete a segment, with its entry in the trail."""
    note(Deed.DELETED, segment, before=facts(segment))
    segment.delete()


def _kept(values: dict[str, Any]) -> dict[str, Any]:
    """The values of the row; its tags are held against removal."""
    if "filter" not in values:
        return values
    audience: Filter = values["filter"]
    if errors := missing_tags(audience.tags):
        raise serializers.ValidationError({"filter": errors})
    return values | {"filter": audience.to_json()}
