"""Forms whose answers the API's serializers judge: a page and a program are held to the same rules."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from rest_framework.serializers import BaseSerializer

from soroka.admin.rule_words import translated
from soroka.api.problems import by_field
from soroka.domain.schedule import BadWindow


def judge(form: forms.BaseForm, serializer: BaseSerializer[Any]) -> None:
    """Put what the serializer finds wrong where the form shows it: at the field of the same name, else at the top."""
    try:
        if serializer.is_valid():
            return
        refuse(form, serializer.errors)
    except BadWindow as error:
        refuse(form, {"ends_at": str(error)})


def refuse(form: forms.BaseForm, found: Any) -> None:
    """Put errors in the shape of the API into a form."""
    faults: dict[str, Any] = dict(found)
    nested = {} if "filter" in form.fields else faults.pop("filter", {})
    for name, fault in {**faults, **(nested if isinstance(nested, dict) else {"tags": nested})}.items():
        sentences = pathed({name: fault}) if name == "filter" else list(_sentences(fault))
        form.add_error(name if name in form.fields else None, ValidationError(sentences))


def pathed(found: Any) -> list[str]:
    """Errors in the shape of the API as sentences, each with the path of its field."""
    return [f"{error['field']}: {translated(error['message'])}" for error in by_field(found)]


def _sentences(fault: Any) -> Iterator[str]:
    match fault:
        case dict():
            for below in fault.values():
                yield from _sentences(below)
        case list() | tuple():
            for below in fault:
                yield from _sentences(below)
        case _:
            yield translated(str(fault))


class ApiForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form of one row. Its Meta names no fields: the serializer alone writes the row."""

    serializer_class: type[BaseSerializer[Any]]

    def body(self, answers: dict[str, Any]) -> dict[str, Any]:
        """The answers as a caller of the API would send them."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        """Nothing is judged twice: what a field refused already is not sent on."""
        answers = super().clean() or self.cleaned_data
        if not self.errors:
            row = self.instance if self.instance.pk else None
            self.serializer = self.serializer_class(row, data=self.body(answers))
            judge(self, self.serializer)
        return answers

    def _post_clean(self) -> None:
        """Django would judge the model's fields of the same names, which nobody filled in."""

    def save(self, commit: bool = True) -> Any:
        """Write the row as the API does."""
        return self.serializer.save()

    def save_m2m(self) -> None:
        """There is nothing of the kind."""


class WritesByForm:
    """For a ``Desk`` with an ``ApiForm``: the form has written already when Django wants to."""

    form: type[ApiForm]

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> type[ApiForm]:
        """The form as it is, not one made of the model's fields."""
        return self.form

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """Writing the whole row again would undo what others changed since it was read."""
