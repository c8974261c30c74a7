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
REASON_AT_LENGTH = {
    Reason.REJECTED: _("The gateway refused it for good."),
    Reason.EXHAUSTED: _("The gateway did not take it however often it was offered."),
    Reason.EXPIRED: _("Its deadline passed before it could be offered."),
    Reason.WITHDRAWN: _("The mailing was cancelled, or the client deleted, before it was offered."),
    Reason.OPTED_OUT: _("The client opted out before it was offered."),
    Reason.CAPPED: _("The client had enough messages already."),
    Reason.UNKNOWN: _("It may have been sent: the gateway gave no usable answer, and nobody can say."),
    Reason.INVALID: _("The text could not be filled in for this client."),
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

OUTCOME = {
    "rejected": _("refused"),
    "deferred": _("not taken, to be tried again"),
    "unknown": _("no usable answer"),
    "invalid": _("could not be rendered"),
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
