from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import F, Func, IntegerField, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.viewsets import ModelViewSet

from soroka.api.body import ShallowJSONParser
from soroka.api.fields import LONGEST_TAG, Text
from soroka.api.parameters import Ordering, Search
from soroka.api.problems import Conflict
from soroka.api.shapes import PreparedRows, PreparedSerializer
from soroka.audience.naming import names_tag
from soroka.domain.message import MailingStatus
from soroka.models import Client, Mailing, Segment, Tag
from soroka.models.change import Deed
from soroka.models.status import statuses
from soroka.models.trail import facts, note, note_change
from soroka.statistics.carried import carried

OVER = {MailingStatus.FINISHED, MailingStatus.CANCELLED}


class TagSerializer(PreparedSerializer[Tag]):
    """A label of clients."""

    name = Text(max_length=LONGEST_TAG)
    clients_count = serializers.SerializerMethodField()

    class Meta:
        model = Tag
        fields = ["id", "name", "clients_count"]
        list_serializer_class = PreparedRows

    def prepare(self, rows: Collection[Tag]) -> None:
        """How many clients all of the tags have."""
        self.share(clients_count=carried([tag.pk for tag in rows]))

    def get_clients_count(self, tag: Tag) -> int:
        """How many clients carry the tag."""
        return int(self.context["clients_count"].get(tag.pk, 0))

    def validate_name(self, name: str) -> str:
        """The name, if no other tag has it, case ignored by the database's rules."""
        same = Tag.objects.filter(Exact(Lower("name"), Lower(Value(name))))
        if same.exclude(pk=getattr(self.instance, "pk", 0)).exists():
            raise serializers.ValidationError(_("There is a tag of this name."), code="unique")
        return name

    @transaction.atomic
    def create(self, validated_data: dict[str, Any]) -> Tag:
        """A new row, with its entry in the trail."""
        tag = super().create(validated_data)
        note(Deed.CREATED, tag, after=facts(tag))
        return tag

    @transaction.atomic
    def update(self, instance: Tag, validated_data: dict[str, Any]) -> Tag:
        """Another name, with its entry in the trail."""
        before = facts(instance)
        tag = super().update(instance, validated_data)
        note_change(tag, before)
        return tag


#: Forms are for the pages of the browsable API; a program sends JSON.
_JSON = extend_schema(request={"application/json": TagSerializer})


@extend_schema_view(
    create=_JSON,
    update=_JSON,
    partial_update=_JSON,
    destroy=extend_schema(description="Refused with 409 while an unfinished mailing or a segment names the tag."),
)
class TagViewSet(ModelViewSet[Tag]):
    """Labels of clients. Mailings keep their ids: a renamed tag stays the same tag."""

    queryset = Tag.objects.all()
    lookup_value_converter = "int"
    serializer_class = TagSerializer
    parser_classes = [ShallowJSONParser, FormParser, MultiPartParser]
    filter_backends = [Search, Ordering]
    search_fields = ["name"]
    ordering_fields = ["id", "name"]

    def perform_destroy(self, instance: Tag) -> None:
        """Take it off every client as well."""
        remove(instance)


@transaction.atomic
def remove(tag: Tag) -> None:
    """Delete a tag and take it off its clients. Raises Conflict while an unfinished mailing or a segment names it."""
    # Whoever is about to name the tag goes first and is found below, or comes too late.
    Tag.objects.select_for_update().filter(pk=tag.pk).first()
    if users := _unfinished_mailings(tag):
        numbers = ", ".join(map(str, users[:5]))
        raise Conflict(_("Mailings that are not over name this tag: {ids}.").format(ids=numbers), code="tag_in_use")
    if segments := list(Segment.objects.filter(names_tag(tag.pk)).values_list("name", flat=True)[:5]):
        raise Conflict(_("Segments name this tag: {names}.").format(names=", ".join(segments)), code="tag_in_use")
    without = Func(F("tag_ids"), Value(tag.pk, IntegerField()), function="array_remove")
    Client.objects.filter(tag_ids__contains=[tag.pk]).update(tag_ids=without)
    note(Deed.DELETED, tag, before=facts(tag))
    tag.delete()


def _unfinished_mailings(tag: Tag) -> list[int]:
    naming = Mailing.objects.filter(names_tag(tag.pk), cancelled_at=None, breakdown__isnull=True)
    found = statuses(list(naming.values_list("pk", flat=True)))
    return sorted(pk for pk, status in found.items() if status not in OVER)
