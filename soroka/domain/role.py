"""The roles of those who call the service."""

from enum import StrEnum


class Role(StrEnum):
    """What a caller may do; the names of the groups of users."""

    #: Reads everything.
    VIEWER = "viewer"
    #: Writes everything but users, keys and gateways.
    OPERATOR = "operator"
    #: Writes everything.
    ADMIN = "admin"
