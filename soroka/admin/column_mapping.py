"""What the columns of a file are, as a person writes it: a line each, ``Моб. тел. = phone``."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from soroka.imports.header import Wish
from soroka.imports.wish import read_wish


class ColumnMapping(forms.CharField):
    """Lines in, ``Options.mapping`` out. Nothing after the sign: the column is left out."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("what the columns are"),
            required=False,
            widget=UnfoldAdminTextareaWidget({"rows": 3}),
            help_text=_(
                "Only for columns that have other names: a line each, column = phone, operator_code, tags, timezone,"
                " opted_out, consent or the name of an attribute. Nothing after the sign leaves the column out."
            ),
            **kwargs,
        )

    def clean(self, value: Any) -> Wish:
        """The mapping. Raises ValidationError."""
        try:
            return read_wish(line for line in super().clean(value).splitlines() if line.strip())
        except ValueError:
            raise forms.ValidationError(_("Write each line like this: column = field.")) from None
