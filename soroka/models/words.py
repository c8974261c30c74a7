"""States in words."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from soroka.domain.message import MailingStatus, Reason, Status

STATUS = {Status.IN_PROCESS: _("In process"), Status.DELIVERED: _("Delivered"), Status.NOT_SENT: _("Not sent")}
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
