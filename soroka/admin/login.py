from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.forms import AuthenticationForm
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from soroka.api.locked_out import sentence
from soroka.api.tokens import LONGEST_CODE

WRONG_PROOF = _("The password or the code is wrong. Each code is good for once: wait for the next.")
_LONGEST_PASSWORD = 4096


class PasswordField(forms.CharField):
    """The password of whoever sits before an open session."""

    def __init__(self, **options: Any) -> None:
        widget = UnfoldAdminPasswordWidget({"autocomplete": "current-password"})
        super().__init__(strip=False, max_length=_LONGEST_PASSWORD, widget=widget, **options)


class CodeField(forms.CharField):
    """What the app of a second factor shows, or a recovery code."""

    def __init__(self, **options: Any) -> None:
        attributes = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(
            label=_("code"), max_length=LONGEST_CODE, widget=UnfoldAdminTextInputWidget(attributes), **options
        )


def demand_proof(request: HttpRequest, password: str, code: str, *, wrong: str) -> None:
    """Of whoever sits before an open session. Wrong ones are counted as those of the login are.

    wrong: what he is told then. Raises ValidationError.
    """
    if authenticate(request, username=request.user.get_username(), password=password, code=code):
        return
    if getattr(request, "axes_locked_out", False):
        raise ValidationError(sentence(), code="locked_out")
    raise ValidationError(wrong, code="invalid_proof")


class LoginForm(AuthenticationForm):
    """Name and password, and the code of one who has a second factor: asked of all, so that nobody learns who has."""

    code = CodeField(
        required=False,
        help_text=_("Only if you have a second factor: the six digits that the app shows, or a recovery code."),
    )
    error_messages = AuthenticationForm.error_messages | {
        "invalid_login": _("Name, password or code is wrong. Mind upper and lower case; each code is good for once."),
    }

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError where he is not let in."""
        asked: dict[str, Any] = self.cleaned_data
        if not self.errors:
            self.user_cache = authenticate(self.request, **asked)
            if self.user_cache is None:
                raise self.get_invalid_login_error()
            self.confirm_login_allowed(self.user_cache)
        return asked

    @property
    def provider(self) -> str:
        """Who lets users in as well; empty where nobody does."""
        return settings.OIDC_NAME if settings.OIDC_ISSUER else ""

    def get_invalid_login_error(self) -> ValidationError:
        """Why it was refused."""
        if getattr(self.request, "axes_locked_out", False):
            return ValidationError(sentence(), code="locked_out")
        wrong: ValidationError = super().get_invalid_login_error()
        return wrong
