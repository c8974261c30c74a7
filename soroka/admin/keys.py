from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextInputWidget,
)

from soroka.access.keys import NameTaken, make_key
from soroka.admin import words
from soroka.admin.base import Ledger, posted
from soroka.admin.own_proof import OwnProofForm
from soroka.admin.users import role_field
from soroka.domain.role import Role
from soroka.domain.scope import SCOPES
from soroka.models import ApiKey

MOST_DAYS = 36_500


class KeyForm(OwnProofForm):
    """A new key."""

    name = forms.CharField(
        label=gettext_lazy("name"),
        max_length=64,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Which program it is for."),
    )
    role = role_field()
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("scopes"),
        required=False,
        choices=[(scope, scope) for scope in SCOPES],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=gettext_lazy("What it is confined to; who may write may read. None chosen: whatever its role may."),
    )
    days = forms.IntegerField(
        label=gettext_lazy("valid for, days"),
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=gettext_lazy("Left empty: for ever."),
    )


@admin.register(ApiKey)
class ApiKeyAdmin(Ledger):
    """Credentials of programs: made and deleted, never changed."""

    list_display = ["name", "role", "confined", "created_at", "valid", "last_used_at"]
    list_select_related = ["user"]
    fields = ["name", "role", "confined", "created_at", "valid", "last_used_at"]
    readonly_fields = fields
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the roles of their users."""
        return super().get_queryset(request).prefetch_related("user__groups")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever may add keys."""
        return bool(request.user.has_perm("soroka.add_apikey"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may delete keys."""
        return bool(request.user.has_perm("soroka.delete_apikey"))

    @display(description=gettext_lazy("role"))
    def role(self, key: ApiKey) -> str:
        """In words."""
        return ", ".join(str(words.ROLE[Role(group.name)]) for group in key.user.groups.all())

    @display(description=gettext_lazy("scopes"))
    def confined(self, key: ApiKey) -> str:
        """What it is confined to."""
        return ", ".join(key.scopes) or _("whatever its role may")

    @display(description=gettext_lazy("valid until"))
    def valid(self, key: ApiKey) -> str:
        """The moment, or that there is none."""
        if key.expires_at is None:
            return _("for ever")
        moment = date_format(timezone.localtime(key.expires_at), "SHORT_DATETIME_FORMAT")
        return moment if key.expires_at > timezone.now() else _("%(moment)s, over") % {"moment": moment}

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Make a key, and show it in the answer and nowhere else: neither a cookie nor a session carries it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = KeyForm(request, *posted(request))
        if request.method == "POST" and form.is_valid():
            try:
                asked = form.cleaned_data
                key, secret = make_key(asked["name"], Role(asked["role"]), days=asked["days"], scopes=asked["scopes"])
            except NameTaken:
                form.add_error("name", _("There is a key of this name already."))
            else:
                self.log_addition(request, key, _("Made."))
                return self.page(request, "key.html", key.name, key=key, secret=secret)
        return self.page(request, "key_form.html", _("New API key"), form=form)

    def delete_model(self, request: HttpRequest, obj: ApiKey) -> None:
        """With the user that it acts as."""
        obj.user.delete()
