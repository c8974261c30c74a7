"""How rows are shown: what a page of them needs from other tables is fetched once, before the first row is drawn."""

from collections.abc import Collection, Iterable
from typing import Any, TypeVar, cast

from django.db.models import Model
from rest_framework import serializers

from soroka.models import Tag

M = TypeVar("M", bound=Model)


class PreparedRows(serializers.ListSerializer[Any]):
    """The list form of a ``PreparedSerializer``."""

    def to_representation(self, data: Any) -> list[Any]:
        """The rows, prepared together."""
        rows = list(data)
        cast(PreparedSerializer[Any], self.child).prepare(rows)
        return super().to_representation(rows)


class PreparedSerializer(serializers.ModelSerializer[M]):
    """Shows facts that are not in the row. Its Meta names ``PreparedRows`` as ``list_serializer_class``."""

    def prepare(self, rows: Collection[M]) -> None:
        """``share`` what the fields of these rows need, found by a fixed number of queries."""
        raise NotImplementedError

    def share(self, **facts: Any) -> None:
        """Put facts where every field finds them: ``self.context``."""
        cast(dict[str, Any], self.context).update(facts)

    def to_representation(self, instance: M) -> dict[str, Any]:
        """The row; one that stands alone is a page of one."""
        if self.parent is None:
            self.prepare([instance])
        return super().to_representation(instance)


def tag_names(tag_ids: Iterable[int]) -> dict[int, str]:
    """The names of those tags that exist."""
    return dict(Tag.objects.filter(pk__in=set(tag_ids)).values_list("pk", "name"))
