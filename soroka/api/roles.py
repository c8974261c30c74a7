"""Who may do what: viewers read, operators and administrators also write."""

from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework_simplejwt.tokens import Token

from soroka.access.proof import PROVED, is_vouched, must_set_up
from soroka.domain.role import Role
from soroka.domain.scope import is_within
from soroka.models import ApiKey

if TYPE_CHECKING:  # the view asks for its default permissions while it is being imported
    from rest_framework.views import APIView


WRITERS = frozenset({Role.OPERATOR, Role.ADMIN})


def roles_of(user: AbstractBaseUser | AnonymousUser) -> frozenset[Role]:
    """The roles of a user by his groups; a superuser is an administrator."""
    if not isinstance(user, User):
        return frozenset()
    if user.is_superuser:
        return frozenset({Role.ADMIN})
    return frozenset(map(Role, user.groups.filter(name__in=list(Role)).values_list("name", flat=True)))


class OutOfScope(PermissionDenied):
    """The key is confined to something else: 403."""

    default_detail = _("The scopes of this API key do not allow this. An administrator can make one with others.")
    default_code = "out_of_scope"


class SecondFactorMissing(PermissionDenied):
    """The caller must have a second factor, and has come in without one: 403."""

    default_detail = _(
        "You need a second factor here. Log in at /admin/ and set it up; ask for tokens with its code after that."
    )
    default_code = "second_factor_missing"


class RolePermission(BasePermission):
    """Any role may read, ``WRITERS`` may do the rest; a key only within its scopes, a person only with his factor."""

    message = _("Your role does not allow this. Ask an administrator to put you into another group.")

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Whether the caller's role is enough for the method of his request."""
        roles, writes = roles_of(request.user), request.method not in SAFE_METHODS
        if isinstance(request.auth, ApiKey) and not is_within(request.auth.scopes, request.path, writes=writes):
            raise OutOfScope
        if must_set_up(lambda: Role.ADMIN in roles, vouched=_is_vouched(request)):
            raise SecondFactorMissing
        return bool(roles & WRITERS) if writes else bool(roles)


def _is_vouched(request: Request) -> bool:
    """Nobody types the keys of programs, so nobody is asked for a code beside them."""
    if isinstance(request.auth, Token):
        return PROVED in request.auth
    return isinstance(request.auth, ApiKey) or is_vouched(request.session)
