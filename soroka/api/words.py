"""States, and what became of a message and a client, in words."""

from django.utils.translation import gettext_lazy as _

from soroka.audience.why import Obstacle, Verdict
from soroka.domain.message import Reason
from soroka.models.words import MAILING_STATUS, REASON, STATUS
from soroka.planning.cautions import Caution

__all__ = [
    "CAUTION",
    "MAILING_STATUS",
    "NO_HOURS_LEFT",
    "OBSTACLE",
    "OUTCOME",
    "PART",
    "REASON",
    "REASON_AT_LENGTH",
    "STATUS",
    "TRIAL",
    "VERDICT",
]

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

#: Of the file of what one mailing came to.
PART = {
    "mailing": _("the whole mailing"),
    "reason": _("why not sent"),
    "timezone": _("time zone"),
    "operator_code": _("operator code"),
    "minute": _("minute"),
}

NO_HOURS_LEFT = _("Its send window did not open again before its deadline.")

OUTCOME = {
    "rejected": _("refused"),
    "deferred": _("not taken, to be tried again"),
    "unknown": _("no usable answer"),
    "invalid": _("could not be rendered"),
}

TRIAL = {
    "accepted": _("taken over"),
    "rejected": _("refused"),
    "deferred": _("not taken"),
    "unknown": _("no usable answer: it may have been taken"),
}

VERDICT = {
    Verdict.DELIVERED: _("The gateway accepted the message."),
    Verdict.IN_PROCESS: _("The message waits to be offered, or its gateway has not answered yet."),
    Verdict.NOT_PLANNED: _("The mailing is still being planned and has not come to this client."),
}

OBSTACLE = {
    Obstacle.CAME_LATER: _("The client was made after the mailing."),
    Obstacle.GONE: _("The messages of this mailing were removed by age: nobody knows any more."),
    Obstacle.OPTED_OUT: _("The client has opted out."),
    Obstacle.FILTER: _("The client does not meet the filter."),
    Obstacle.CHANGED_SINCE: _("The client meets the filter now, and did not when the mailing was planned."),
    Obstacle.CANCELLED: _("The mailing was cancelled before its planning came to this client."),
}

CAUTION = {
    Caution.TOO_LATE: _("No hour is left at which these clients may be written to: their time has passed."),
    Caution.DEADLINE: _("The gateway does not let all of these through before their deadline."),
    Caution.UNKNOWN_SPEED: _("How fast the gateway is nobody knows: it has no rate and has sent too little lately."),
    Caution.GATEWAY: _("The gateway is in trouble. The forecast is for one that works."),
    Caution.TOO_LONG: _("These would still wait in a month."),
}
