"""What an operator may do to a mailing that is under way."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from soroka.domain.message import MailingStatus
from soroka.queue.withdraw import cancel, pause, resume

_UNDER_WAY = (MailingStatus.SCHEDULED, MailingStatus.PLANNING, MailingStatus.RUNNING)


@dataclass(frozen=True)
class Verb:
    """What an operator may do to a mailing that is under way. asks, warns: the words of the confirmation."""

    name: str
    do: Callable[[int], None]
    allowed: tuple[MailingStatus, ...]
    label: Any
    asks: Any
    warns: Any
    done: Any
    danger: bool = False


VERBS = [
    Verb(
        "pause",
        pause,
        _UNDER_WAY,
        _("Pause"),
        _("Pause this mailing?"),
        _("Nothing more is offered until it is resumed. Deadlines go on: what they pass is not sent."),
        _("The mailing is paused."),
    ),
    Verb(
        "resume",
        resume,
        (MailingStatus.PAUSED,),
        _("Resume"),
        _("Resume this mailing?"),
        _("What is due is offered at once."),
        _("The mailing goes on."),
    ),
    Verb(
        "cancel",
        cancel,
        (*_UNDER_WAY, MailingStatus.PAUSED),
        _("Cancel the mailing"),
        _("Cancel this mailing for good?"),
        _("Nothing more is offered; what is queued is withdrawn. This cannot be undone."),
        _("The mailing is cancelled."),
        danger=True,
    ),
]
