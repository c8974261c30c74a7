from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminSelectWidget

from soroka.admin import columns, words
from soroka.admin.base import Desk, Ledger
from soroka.api.roles import roles_of
from soroka.domain.role import Role

admin.site.unregister(User)
admin.site.unregister(Group)
admin.site.unregister([OutstandingToken, BlacklistedToken])  # nothing in them is for people


def role_field() -> forms.ChoiceField:
    """The choice of a role."""
    choices = [(role.value, words.ROLE[role]) for role in Role]
    return forms.ChoiceField(label=_("role"), choices=choices, widget=UnfoldAdminSelectWidget)


class NewUserForm(UserCreationForm):
    """A user and his role."""

    role = role_field()


class UserForm(UserChangeForm):
    """A user and his role."""

    role = role_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["role"] = next(iter(roles_of(self.instance)), Role.VIEWER)
        self.fields["role"].disabled = self.instance.is_superuser  # he may do everything, whatever his groups


@admin.register(User)
class UserAdmin(DjangoUserAdmin, Desk):  # type: ignore[type-arg]
    """People. The users that API keys act as are not listed: they come and go with their keys."""

    form = UserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "first_name", "last_name", "role", "is_active", "came_in"]
    list_filter = ()
    filter_horizontal = ()
    search_fields = ["username", "first_name", "last_name"]
    fieldsets = [(None, {"fields": ("username", "password", "role", "first_name", "last_name", "is_active")})]
    add_fieldsets = [(None, {"fields": ("username", "password1", "password2", "role")})]
    actions = None

    def get_queryset(self, request: HttpRequest) -> "QuerySet[User]":
        """Those with their roles."""
        return super().get_queryset(request).filter(api_key=None).prefetch_related("groups")

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Whoever has a role may come in here, and sees what it allows."""
        if "role" in form.cleaned_data:
            obj.is_staff = True
        super().save_model(request, obj, form, change)
        if "role" in form.cleaned_data and not obj.is_superuser:
            obj.groups.set([Group.objects.get_or_create(name=form.cleaned_data["role"])[0]])

    came_in = columns.moment("last_login", _("last login"))

    @display(description=_("role"), label=True)
    def role(self, user: User) -> list[str]:
        """In words."""
        if user.is_superuser:
            return [str(words.ROLE[Role.ADMIN])]
        return [str(words.ROLE[Role(group.name)]) for group in user.groups.all() if group.name in list(Role)]


@admin.register(Group)
class GroupAdmin(Ledger):
    """The roles, which every start of the service makes anew."""

    list_display = ["role", "name", "meaning", "members"]
    fields = ["role", "name", "meaning", "members"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        """The roles and how many have them."""
        return super().get_queryset(request).filter(name__in=list(Role)).annotate(number=Count("user"))

    @display(description=_("role"))
    def role(self, group: Group) -> Any:
        """In words."""
        return words.ROLE[Role(group.name)]

    @display(description=_("what it may do"))
    def meaning(self, group: Group) -> Any:
        """In a sentence."""
        return words.ROLE_AT_LENGTH[Role(group.name)]

    @display(description=_("users and keys"))
    def members(self, group: Any) -> int:
        """How many have it."""
        return int(group.number)
