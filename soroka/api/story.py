"""What became of a message, step by step, in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from soroka.api.words import OUTCOME, REASON_AT_LENGTH
from soroka.domain.message import BatchState, Reason, Status
from soroka.domain.template import is_template
from soroka.models import Attempt, Batch, Mailing, Message, MessageText


@dataclass(frozen=True, slots=True)
class Step:
    """at: None where it has no moment of its own.  colour: of the dot.  ahead: it has not happened yet."""

    at: datetime | None
    title: Any
    detail: Any = ""
    colour: str = ""
    ahead: bool = False


def story_of(message: Message) -> list[Step]:
    """From planning to the end, or to now."""
    batch = (
        Batch.objects.select_related("zone")
        .filter(mailing=message.mailing_id, id_from__lte=message.pk, id_to__gte=message.pk)
        .first()
    )
    tried = [_tried(attempt) for attempt in message.attempts.select_related("gateway")]
    before = [_planned(batch), _due(batch)] if batch else []
    return [*before, *tried, *_end(message, batch)]


def text_of(message: Message) -> tuple[str, bool]:
    """What the client reads, and whether that is still a template to be filled in for him."""
    written = MessageText.objects.filter(pk=message.pk).values_list("text", flat=True).first()
    if written is not None:
        return written, False
    text = Mailing.objects.filter(pk=message.mailing_id).values_list("text", flat=True).first() or ""
    return text, is_template(text)


def _planned(batch: Batch) -> Step:
    detail = _("Batch %(batch)s, time zone %(zone)s") % {"batch": batch.pk, "zone": batch.zone.name}
    return Step(batch.created_at, _("Planned"), detail)


def _due(batch: Batch) -> Step:
    return Step(batch.due_at, _("Due"), _("Not before this moment"), ahead=batch.due_at > timezone.now())


def _tried(attempt: Attempt) -> Step:
    who = f"{attempt.gateway}: " if attempt.gateway else ""
    return Step(attempt.at, OUTCOME.get(attempt.outcome, attempt.outcome), who + attempt.detail, "warning")


def _end(message: Message, batch: Batch | None) -> list[Step]:
    match Status(message.status):
        case Status.DELIVERED:
            return [Step(message.settled_at, _("Delivered"), _("The gateway took it over."), "success")]
        case Status.NOT_SENT:
            why = REASON_AT_LENGTH[Reason(message.reason or Reason.UNKNOWN)]
            return [Step(message.settled_at, _("Not sent"), why, "danger")]
        case _:
            return [_waiting(message, batch)] if batch else []


def _waiting(message: Message, batch: Batch) -> Step:
    return Step(batch.expires_at, _("Deadline"), _now(message, batch), "info", ahead=True)


def _now(message: Message, batch: Batch) -> str:
    """Why it is where it is."""
    if message.reason == Reason.UNKNOWN:
        return _("It is in doubt and will be offered again under the same number.")
    if batch.state == BatchState.CLOSING:
        return _("Its batch is being closed.")
    if batch.held:
        return _("Its mailing is paused.")
    if batch.state == BatchState.LEASED:
        return _("Its batch is being offered to the gateway right now.")
    if batch.due_at > timezone.now():
        return _("It waits until it is due.")
    return _("It waits in the queue.") if batch.next_at <= timezone.now() else _("It waits to be tried again.")
