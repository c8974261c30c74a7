from copy import copy
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Count, Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from unfold.decorators import action, display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminSelectWidget

from soroka.access.second_factor import reset
from soroka.access.sessions import end_sessions
from soroka.admin import columns, words
from soroka.admin.base import Desk, Ledger, posted
from soroka.admin.own_proof import OwnProofForm
from soroka.api.roles import roles_of
from soroka.domain.role import Role
from soroka.models import Totp

admin.site.unregister(User)
admin.site.unregister(Group)
# Nothing in them is for people.
admin.site.unregister([OutstandingToken, BlacklistedToken, TOTPDevice, StaticDevice])


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


class UserPasswordForm(OwnProofForm, AdminPasswordChangeForm):
    """A new password of another."""

    def __init__(self, request: HttpRequest, user: User, *args: Any) -> None:
        super().__init__(request, user, *args)
        self.fields.pop("usable_password", None)  # who is to stay out is switched off


@admin.register(User)
class UserAdmin(DjangoUserAdmin, Desk):  # type: ignore[type-arg]
    """People. The users that API keys act as are not listed: they come and go with their keys."""

    form = UserForm
    add_form = NewUserForm
    change_user_password_template = "admin/soroka/password.html"  # noqa: S105  a page, no password
    list_display = ["username", "first_name", "last_name", "role", "second_factor", "is_active", "came_in"]
    list_filter = ()
    filter_horizontal = ()
    search_fields = ["username", "first_name", "last_name"]
    fieldsets = [(None, {"fields": ("username", "password", "role", "first_name", "last_name", "is_active")})]
    add_fieldsets = [(None, {"fields": ("username", "password1", "password2", "role")})]
    actions = None
    actions_detail = ["reset_second_factor"]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Those with their roles, and whether they have a second factor."""
        app = Totp.objects.filter(user_id=OuterRef("pk"), confirmed=True)
        users = super().get_queryset(request).filter(api_key=None)
        return users.prefetch_related("groups").annotate(has_factor=Exists(app))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The users: what goes with them, such as sessions' tokens and codes, is nothing that people know."""
        _all, _counts, needed, protected = super().get_deleted_objects(objs, request)
        return [*map(str, objs)], {User._meta.verbose_name_plural: len(objs)}, needed, protected

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Whoever has a role may come in here, and sees what it allows. Who is switched off is out for good."""
        if "role" in form.cleaned_data:
            obj.is_staff = True
        super().save_model(request, obj, form, change)
        if change and not obj.is_active:
            end_sessions(obj)  # they would go on where he is switched on again
        if "role" in form.cleaned_data and not obj.is_superuser:
            obj.groups.set([Group.objects.get_or_create(name=form.cleaned_data["role"])[0]])

    def facts(self, row: Any) -> dict[str, Any]:
        """With his role, which goes with him."""
        return super().facts(row) | {"role": next(iter(roles_of(row)), "")}

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Django's page; the form has to know who asks."""
        asked = copy(self)
        asked.change_password_form = partial(UserPasswordForm, request)
        return super(UserAdmin, asked).user_change_password(request, id, form_url)

    came_in = columns.moment("last_login", _("last login"))

    @display(description=_("second factor"), boolean=True)
    def second_factor(self, user: Any) -> bool:
        """Whether a code is asked of him."""
        return bool(user.has_factor)

    def has_reset_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever may change users; his own he switches off by password and code."""
        return bool(self.has_change_permission(request)) and str(object_id) != str(request.user.pk)

    @action(description=_("Reset the second factor"), url_path="reset-second-factor", permissions=["reset"])
    def reset_second_factor(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """For one who has lost his phone: ask, and do it once a good answer is posted."""
        user: Any = self.seen(request, object_id)
        back = HttpResponseRedirect(reverse("admin:auth_user_change", args=[user.pk]))
        if not user.has_factor:
            messages.info(request, gettext("This user has no second factor."))
            return back
        form = OwnProofForm(request, *posted(request))
        if not form.is_valid():
            return self.page(request, "second_factor_reset.html", str(user), original=user, form=form)
        reset(user)
        messages.success(request, gettext("The second factor is reset: the password alone lets this user in now."))
        return back

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
