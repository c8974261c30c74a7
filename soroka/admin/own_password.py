"""The page on which a user changes his own password."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordChangeView
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from unfold.forms import AdminOwnPasswordChangeForm

from soroka.access.second_factor import factor_of
from soroka.admin.login import WRONG_PROOF, CodeField, demand_proof
from soroka.models.change import Deed
from soroka.models.trail import note


class OwnPasswordForm(AdminOwnPasswordChangeForm):
    """The new password, and what whoever sits before an open session has to know: guesses are counted."""

    code = CodeField()
    field_order = ("old_password", "code", "new_password1", "new_password2")

    def __init__(self, request: HttpRequest, user: User, *args: Any, **options: Any) -> None:
        super().__init__(user, *args, **options)
        self._request = request
        if factor_of(user) is None:
            del self.fields["code"]

    def clean_old_password(self) -> str:
        """As it is: it is judged with the code."""
        return str(self.cleaned_data["old_password"])

    def clean(self) -> dict[str, Any]:
        """The code is used up only where all else is well. Raises ValidationError."""
        super().clean()
        asked: dict[str, Any] = self.cleaned_data
        if not self.errors:
            wrong = WRONG_PROOF if "code" in self.fields else self.error_messages["password_incorrect"]
            demand_proof(self._request, asked["old_password"], asked.get("code", ""), wrong=str(wrong))
        return asked

    @transaction.atomic
    def save(self, commit: bool = True) -> User:
        """The user; the trail says that it is another one."""
        user: User = super().save(commit)
        note(Deed.CHANGED, user, after={"password": "…"})
        return user


def change_password(request: HttpRequest) -> HttpResponseBase:
    """Ask for it, and change it; his other sessions and his tokens end."""
    view = PasswordChangeView.as_view(
        form_class=partial(OwnPasswordForm, request),
        success_url=reverse("admin:password_change_done"),
        template_name="admin/soroka/password.html",
        extra_context=admin.site.each_context(request),
    )
    return view(request)
