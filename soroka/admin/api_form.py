"""Forms whose answers the API's serializers judge: a page and a program are held to the same rules."""

from collections.abc import Container, Iterator
from typing import Any, Protocol, runtime_checkable

from django import forms
from django.core.exceptions import ValidationError
from rest_framework.serializers import BaseSerializer

from soroka.api.problems import by_field
from soroka.domain.schedule import BadSpan
from soroka.models.rule_words import translated


@runtime_checkable
class Telling(Protocol):
    """A field that knows where in it an error belongs."""

    def tell(self, answer: Any, found: Any) -> list[str]:
        """What is to be said of the field as a whole. found: errors in the shape of the API."""


def judge(form: forms.BaseForm, serializer: BaseSerializer[Any]) -> None:
    """Put what the serializer finds wrong where the form shows it: at the field of the same name, else at the top."""
    try:
        if serializer.is_valid():
            return
        refuse(form, serializer.errors)
    except BadSpan as error:
        refuse(form, {"ends_at": str(error)})


def refuse(form: forms.BaseForm, found: Any) -> None:
    """Put errors in the shape of the API into a form."""
    faults: dict[str, Any] = dict(found)
    nested = {} if "filter" in form.fields else faults.pop("filter", {})
    faults |= nested if isinstance(nested, dict) else {"tags": nested}
    for name, fault in _spread(faults, form.fields):
        field = form.fields.get(name)
        said = field.tell(form.cleaned_data[name], fault) if isinstance(field, Telling) else list(sentences(fault))
        form.add_error(name if name in form.fields else None, ValidationError(said))


def _spread(faults: dict[str, Any], fields: Container[str]) -> Iterator[tuple[str, Any]]:
    """What the form asks for part by part is at fault part by part: ``window.from`` in the field ``window_from``."""
    for name, fault in faults.items():
        parts = {f"{name}_{part}": below for part, below in fault.items()} if isinstance(fault, dict) else {}
        yield from parts.items() if any(part in fields for part in parts) else [(name, fault)]


def pathed(found: Any) -> list[str]:
    """Errors in the shape of the API as sentences, each with the path of its field."""
    return [f"{error['field']}: {error['message']}" for error in by_field(found)]


def sentences(fault: Any) -> Iterator[str]:
    """Whatever lies in errors in the shape of the API, in words."""
    match fault:
        case dict():
            for below in fault.values():
                yield from sentences(below)
        case list() | tuple():
            for below in fault:
                yield from sentences(below)
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
