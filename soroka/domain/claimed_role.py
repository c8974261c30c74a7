"""Which role a claim of an identity provider gives."""

from collections.abc import Mapping

from soroka.domain.role import Role

_LEAST_FIRST = list(Role)


def parse_roles(written: str) -> dict[str, Role]:
    """``staff:viewer,soroka-admins:admin``: value of the claim -> role. Raises ValueError with what is wrong."""
    roles: dict[str, Role] = {}
    for pair in filter(None, (part.strip() for part in written.split(","))):
        value, _, role = (part.strip() for part in pair.rpartition(":"))
        if not value or role not in _LEAST_FIRST:
            raise ValueError(f"{pair!r} is not written like soroka-admins:admin; a role is viewer, operator or admin.")
        if value in roles:
            raise ValueError(f"{value!r} is named twice.")
        roles[value] = Role(role)
    return roles


def role_of(claim: object, roles: Mapping[str, Role]) -> Role | None:
    """The greatest role that one of the values gives; None: none does.

    claim: a text or a list, as the provider sent it; whatever else it is, it gives nothing.
    """
    values = claim if isinstance(claim, list) else [claim]
    given = [roles[value] for value in values if isinstance(value, str) and value in roles]
    return max(given, key=_LEAST_FIRST.index, default=None)
