from django.conf import settings
from django.core.exceptions import ValidationError
from unfold.forms import AuthenticationForm

from soroka.api.locked_out import sentence


class LoginForm(AuthenticationForm):
    """Name and password."""

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
