from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from soroka.access.second_factor import factor_of
from soroka.admin.login import WRONG_PROOF, CodeField, PasswordField, demand_proof


class OwnProofForm(forms.Form):
    """What whoever sits before an open session has to know, below the other fields of what opens a way in for good.

    Who has no password here is asked for nothing: his provider alone knows him.
    """

    def __init__(self, request: HttpRequest, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._request = request
        user: Any = request.user
        if not user.has_usable_password():
            return
        self.fields["password"] = PasswordField(
            label=_("your password"), help_text=_("Asked for because this session may have been left open.")
        )
        if factor_of(user):
            self.fields["code"] = CodeField()

    def clean(self) -> dict[str, Any]:
        """The code is used up only where all else is well; wrong ones are counted. Raises ValidationError."""
        super().clean()
        asked: dict[str, Any] = self.cleaned_data
        if "password" in self.fields and not self.errors:
            wrong = WRONG_PROOF if "code" in self.fields else _("Your password is wrong.")
            demand_proof(self._request, asked["password"], asked.get("code", ""), wrong=str(wrong))
        return asked
