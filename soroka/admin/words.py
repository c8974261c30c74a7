"""The words of the glossary for states, and the colour of each."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from soroka.api.words import MAILING_STATUS, REASON, STATUS
from soroka.domain.message import MailingStatus, Status
from soroka.domain.role import Role

__all__ = ["MAILING_COLOURS", "MAILING_STATUS", "REASON", "ROLE", "ROLE_AT_LENGTH", "STATUS", "STATUS_COLOURS"]

STATUS_COLOURS = {Status.IN_PROCESS: "info", Status.DELIVERED: "success", Status.NOT_SENT: "danger"}

MAILING_COLOURS: dict[Any, str] = {
    MailingStatus.CANCELLED: "danger",
    MailingStatus.FINISHED: "success",
    MailingStatus.PAUSED: "warning",
    MailingStatus.PLANNING: "primary",
    MailingStatus.RUNNING: "info",
    MailingStatus.SCHEDULED: "",
}

ROLE = {
    Role.VIEWER: pgettext_lazy("role", "viewer"),
    Role.OPERATOR: pgettext_lazy("role", "operator"),
    Role.ADMIN: pgettext_lazy("role", "administrator"),
}
ROLE_AT_LENGTH = {
    Role.VIEWER: _("Sees everything but users and keys, changes nothing."),
    Role.OPERATOR: _("Works with tags, clients and mailings."),
    Role.ADMIN: _("May do everything: also users, API keys and gateways."),
}
