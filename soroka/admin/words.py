"""The words of the glossary for states, and the colour of each."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from soroka.domain.message import MailingStatus, Reason, Status
from soroka.domain.role import Role

STATUS = {Status.IN_PROCESS: _("In process"), Status.DELIVERED: _("Delivered"), Status.NOT_SENT: _("Not sent")}
STATUS_COLOURS = {Status.IN_PROCESS: "info", Status.DELIVERED: "success", Status.NOT_SENT: "danger"}

REASON = {
    Reason.REJECTED: _("refused by the gateway"),
    Reason.EXHAUSTED: _("tries used up"),
    Reason.EXPIRED: _("deadline passed"),
    Reason.WITHDRAWN: _("withdrawn"),
    Reason.OPTED_OUT: _("client opted out"),
    Reason.CAPPED: _("client had enough messages"),
    Reason.UNKNOWN: _("in doubt"),
    Reason.INVALID: _("cannot be rendered"),
}
MAILING_STATUS = {
    MailingStatus.CANCELLED: pgettext_lazy("mailing", "cancelled"),
    MailingStatus.FINISHED: pgettext_lazy("mailing", "finished"),
    MailingStatus.PAUSED: pgettext_lazy("mailing", "paused"),
    MailingStatus.PLANNING: pgettext_lazy("mailing", "being planned"),
    MailingStatus.RUNNING: pgettext_lazy("mailing", "running"),
    MailingStatus.SCHEDULED: pgettext_lazy("mailing", "scheduled"),
}
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
