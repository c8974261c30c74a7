"""How an imported file is to be taken: the options of ``POST /clients/imports``."""

import json
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from soroka.api.fields import Flag
from soroka.imports.header import LONGEST_NAME, MOST_COLUMNS
from soroka.imports.upload import Options


@extend_schema_field({"type": "string", "example": '{"Моб. тел.": "phone", "Примечание": null}'})
class ColumnMapping(serializers.Field[dict[str, str | None], Any, str, Any]):
    """JSON, column -> field; a dict inside."""

    default_error_messages = {
        "invalid": _("Must be a JSON object: the name of a column -> phone, operator_code, tags, timezone,"
                     " opted_out, consent, the name of an attribute, or null to leave the column out."),
    }  # fmt: skip

    def to_internal_value(self, data: Any) -> dict[str, str | None]:
        """The mapping. Raises ValidationError."""
        try:
            found = json.loads(data)
        except (TypeError, ValueError, RecursionError):
            self.fail("invalid")
        if not isinstance(found, dict) or len(found) > MOST_COLUMNS or not all(map(_is_name, found.values())):
            self.fail("invalid")
        return found

    def to_representation(self, value: dict[str, str | None]) -> str:
        """JSON."""
        return json.dumps(value, ensure_ascii=False)


def _is_name(name: Any) -> bool:
    return name is None or (isinstance(name, str) and 0 < len(name.strip()) <= LONGEST_NAME and name.isprintable())


class ImportOptionsSerializer(serializers.Serializer[dict[str, Any]]):
    """How the file is to be read; in the form or in the query."""

    mapping = ColumnMapping(
        required=False,
        help_text="What columns are, as JSON: column -> phone, operator_code, tags, timezone, opted_out, consent,"
        " the name of an attribute, or null to leave it out. Columns it does not name are known by their own names.",
    )
    tags = serializers.ChoiceField(
        choices=["add", "replace"],
        default="add",
        help_text="add: a client keeps the tags he has. replace: he has those of the file afterwards, and no others.",
    )
    create_missing_tags = Flag(default=True, help_text="false: refuse the rows that name a tag nobody knows.")
    dry_run = Flag(default=False, help_text="true: write nothing, and report what would come of it.")


def options(values: dict[str, Any]) -> Options:
    """What the serializer has understood."""
    return Options(
        mapping=values.get("mapping", {}),
        create_missing_tags=values["create_missing_tags"],
        replace_tags=values["tags"] == "replace",
        dry_run=values["dry_run"],
    )
