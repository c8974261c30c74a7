"""Rows whose filter names a tag, wherever in it."""

import json

from django.db.models import BooleanField, F, Func, Q, Value

#: In the short form, and in a condition on tags at any depth.
_PATHS = ("$.tag_ids[*] ? (@ == $tag)", "$.**.tags.*[*] ? (@ == $tag)")


def names_tag(tag_id: int) -> Q:
    """Of mailings or segments: those whose column ``filter`` names the tag."""
    tag = Value(json.dumps({"tag": tag_id}))
    found = Q()
    for path in _PATHS:
        found |= Q(Func(F("filter"), Value(path), tag, function="jsonb_path_exists", output_field=BooleanField()))
    return found
