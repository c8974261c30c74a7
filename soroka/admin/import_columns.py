"""What the columns of a file are: a select for each, with its first cells beside it."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from soroka.admin.api_form import judge
from soroka.admin.column_mapping import ColumnMapping
from soroka.api.import_options import ImportOptionsSerializer, options
from soroka.imports.columns import Column
from soroka.imports.header import FIELDS, LONGEST_NAME
from soroka.imports.upload import Options
from soroka.models import ClientImport

ATTRIBUTE, NOTHING = "=", ""
_WORDS = {
    "phone": gettext_lazy("phone"),
    "operator_code": gettext_lazy("operator code"),
    "tags": gettext_lazy("tags"),
    "timezone": gettext_lazy("time zone"),
    "opted_out": gettext_lazy("whether the client has opted out"),
    "consent": gettext_lazy("wording of a consent"),
}
_CHOICES = [
    *((field, _WORDS[field]) for field in FIELDS),
    (ATTRIBUTE, gettext_lazy("an attribute")),
    (NOTHING, gettext_lazy("leave it out")),
]


class Asked(NamedTuple):
    """A column with what is asked of it."""

    column: Column
    means: forms.BoundField
    attribute: forms.BoundField


class ColumnsForm(forms.Form):
    """Columns and options; the API's serializer judges them. columns: none where they are not known yet."""

    create_missing_tags = forms.BooleanField(
        label=gettext_lazy("make the tags that do not exist yet"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=gettext_lazy("Otherwise the rows that name an unknown tag are refused."),
    )
    replace_tags = forms.BooleanField(
        label=gettext_lazy("replace the tags of clients"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=gettext_lazy("Otherwise the tags of the file are added to those that a client has."),
    )

    def __init__(self, client_import: ClientImport, columns: Sequence[Column], data: Any = None) -> None:
        names = ("create_missing_tags", "replace_tags")
        super().__init__(data, initial={name: getattr(client_import, name) for name in names})
        self.columns = [(place, column) for place, column in enumerate(columns) if column.name]
        for place, column in self.columns:
            self._ask(place, column, client_import.mapping)
        if not columns:
            self.fields["mapping"] = ColumnMapping()

    def _ask(self, place: int, column: Column, wish: dict[str, str | None]) -> None:
        means = wish.get(column.name, column.field)
        is_field = means in FIELDS
        self.fields[f"means_{place}"] = forms.ChoiceField(
            choices=_CHOICES,
            required=False,
            initial=means if is_field else (NOTHING if means is None else ATTRIBUTE),
            widget=UnfoldAdminSelectWidget({"aria-label": _("What the column %(name)s is") % {"name": column.name}}),
        )
        self.fields[f"attribute_{place}"] = forms.CharField(
            required=False,
            max_length=LONGEST_NAME,
            initial=column.name if is_field or means is None else means,
            widget=UnfoldAdminTextInputWidget(
                {"aria-label": _("Name of the attribute in the column %(name)s") % {"name": column.name}}
            ),
        )

    def asked(self) -> Iterator[Asked]:
        """For the page, column by column."""
        return (Asked(column, self[f"means_{place}"], self[f"attribute_{place}"]) for place, column in self.columns)

    def clean(self) -> dict[str, Any]:
        """By the rules of the API."""
        answers = super().clean() or self.cleaned_data
        if not self.errors:
            wish = answers["mapping"] if "mapping" in self.fields else self._wish(answers)
            body = {
                "mapping": json.dumps(wish),
                "tags": "replace" if answers["replace_tags"] else "add",
                "create_missing_tags": answers["create_missing_tags"],
                "dry_run": "for_real" not in self.data,
            }
            self.serializer = ImportOptionsSerializer(data=body)
            judge(self, self.serializer)
        return answers

    def _wish(self, answers: dict[str, Any]) -> dict[str, str | None]:
        wish: dict[str, str | None] = {}
        for place, column in self.columns:
            means = answers[f"means_{place}"]
            if means == ATTRIBUTE:
                means = self._attribute(answers, place) or column.name
            if wish.setdefault(column.name, means or None) != (means or None):
                self.add_error(
                    f"means_{place}",
                    ValidationError(_("There are two columns of this name: they can only both be the same.")),
                )
        return wish

    def _attribute(self, answers: dict[str, Any], place: int) -> str:
        name = str(answers[f"attribute_{place}"]).strip()
        if name in FIELDS:
            self.add_error(f"attribute_{place}", ValidationError(_("No attribute can be called so.")))
        return name

    def options(self) -> Options:
        """What was chosen, once it is valid."""
        return options(self.serializer.validated_data)
