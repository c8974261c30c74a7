"""Who may do what: viewers read, operators and administrators also write."""

from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from soroka.domain.role import Role

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


class RolePermission(BasePermission):
    """Any role may read, ``WRITERS`` may do the rest."""

    message = _("Your role does not allow this. Ask an administrator to put you into another group.")

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Whether the caller's role is enough for the method of his request."""
        roles = roles_of(request.user)
        return bool(roles) if request.method in SAFE_METHODS else bool(roles & WRITERS)
