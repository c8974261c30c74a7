"""A row's own part of the trail, for all who may see the row."""

from typing import Any

from django.db.models import Model

from soroka.admin.differences import differences, names_in
from soroka.api.trail_words import actor_in_words
from soroka.models import Change

SHOWN = 50


def history_of(row: Model) -> list[Any]:
    """Its latest entries, newest first, in words."""
    found: list[Any] = list(Change.objects.filter(kind=row._meta.model_name, object_id=row.pk).order_by("-id")[:SHOWN])
    names = names_in(found)
    for change in found:
        change.who, change.lines = actor_in_words(change), differences(change, names)
    return found
