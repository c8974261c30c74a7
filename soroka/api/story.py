"""What became of a message, step by step, in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from soroka.api.trail_words import actor_in_words
from soroka.api.words import NO_HOURS_LEFT, OUTCOME, REASON_AT_LENGTH
from soroka.domain.cap import Cap
from soroka.domain.message import BatchState, Reason, Status
from soroka.domain.template import is_template
from soroka.models import Attempt, Batch, Change, Mailing, Message, MessageText
from soroka.models.change import Deed
from soroka.planning.cap import neighbours

#: Of a mailing that is paused again and again only the latest.
_DEEDS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Step:
    """at: None where it has no moment of its own.  colour: of the dot.  ahead: it has not happened yet.

    link: to more of it, on the desk.
    """

    at: datetime | None
    title: Any
    detail: Any = ""
    colour: str = ""
    ahead: bool = False
    link: str = ""


def story_of(message: Message) -> list[Step]:
    """From planning to the end, or to now."""
    batch = (
        Batch.objects.select_related("zone")
        .filter(mailing=message.mailing_id, id_from__lte=message.pk, id_to__gte=message.pk)
        .first()
    )
    tried = [_tried(attempt) for attempt in message.attempts.select_related("gateway")]
    mailing = _mailing_of(message)
    before = [_planned(batch, mailing), _due(batch, mailing)] if batch else []
    return [*before, *_in_order([*_offered(message, batch), *tried, *_meanwhile(message)]), *_end(message, batch)]


def _in_order(steps: list[Step]) -> list[Step]:
    return sorted(steps, key=lambda step: step.at.timestamp() if step.at else 0)


def text_of(message: Message) -> tuple[str, bool]:
    """What the client reads, and whether that is still a template to be filled in for him."""
    if message.phone is None:
        return _("The client was erased."), False
    written = MessageText.objects.filter(pk=message.pk).values_list("text", flat=True).first()
    if written is not None:
        return written, False
    mailing = _mailing_of(message)
    text = mailing.text if mailing else ""
    return text, is_template(text)


def _planned(batch: Batch, mailing: Mailing | None) -> Step:
    detail = _("Batch %(batch)s, time zone %(zone)s") % {"batch": batch.pk, "zone": batch.zone.name}
    if mailing and mailing.created_by:
        detail += ". " + _("The mailing was made by %(name)s") % {"name": mailing.created_by}
    return Step(batch.created_at, _("Planned"), detail)


def _due(batch: Batch, mailing: Mailing | None) -> Step:
    """By the clock of the client where the mailing goes by it, with the moment itself beside it."""
    detail = _("Not before this moment")
    if mailing and (mailing.local_time or mailing.window):
        his = f"{date_format(batch.due_at.astimezone(ZoneInfo(batch.zone.name)), 'SHORT_DATETIME_FORMAT')}"
        detail += ". " + _("By the client's clock: %(time)s (%(zone)s)") % {"time": his, "zone": batch.zone.name}
    return Step(batch.due_at, _("Due"), detail, ahead=batch.due_at > timezone.now())


def _offered(message: Message, batch: Batch | None) -> list[Step]:
    """The first offer of its batch; of a message that was never offered nobody says so."""
    if batch is None or batch.first_offered_at is None or message.status != Status.DELIVERED:
        return []
    return [Step(batch.first_offered_at, _("Offered"), _("The first messages of its batch went to the gateway."))]


def _meanwhile(message: Message) -> list[Step]:
    """Who paused, resumed, changed or cancelled its mailing before it was settled, as the trail has it."""
    deeds = [Deed.PAUSED, Deed.RESUMED, Deed.CANCELLED, Deed.CHANGED]
    found = Change.objects.filter(kind="mailing", object_id=message.mailing_id, action__in=deeds)
    if message.settled_at:
        found = found.filter(at__lte=message.settled_at)
    return [
        Step(
            change.at,
            _("The mailing: %(what)s") % {"what": change.get_action_display()},
            actor_in_words(change),
            "info",
        )
        for change in reversed(found.order_by("-id")[:_DEEDS_SHOWN])
    ]


def _tried(attempt: Attempt) -> Step:
    who = f"{attempt.gateway}: " if attempt.gateway else ""
    return Step(attempt.at, OUTCOME.get(attempt.outcome, attempt.outcome), who + attempt.detail, "warning")


def _end(message: Message, batch: Batch | None) -> list[Step]:
    match Status(message.status):
        case Status.DELIVERED:
            return [Step(message.settled_at, _("Delivered"), _receipt(message), "success")]
        case Status.NOT_SENT:
            return [*_crowd(message), Step(message.settled_at, _("Not sent"), _why(message, batch), "danger")]
        case _:
            return [_waiting(message, batch)] if batch else []


def _mailing_of(message: Message) -> Mailing | None:
    """None where it was removed."""
    try:
        return message.mailing
    except Mailing.DoesNotExist:
        return None


def _receipt(message: Message) -> str:
    took = _("The gateway took it over.")
    if not _mailing_of(message) or not (gateway := message.sender):
        return took
    receipt = _("Receipt: gateway %(gateway)s, our number %(number)d") % {"gateway": gateway, "number": message.pk}
    return f"{took} {receipt}"


def _why(message: Message, batch: Batch | None) -> Any:
    """The reason in words; of a capped message with the numbers of the cap."""
    reason = Reason(message.reason or Reason.UNKNOWN)
    if reason is Reason.CAPPED and (cap := _cap_of(message)):
        return _("The cap was reached: at most %(messages)d to one client within %(days)d × 24 hours.") % cap.to_json()
    if reason is Reason.EXPIRED and batch and batch.deadline and batch.deadline > batch.expires_at:
        return NO_HOURS_LEFT
    return REASON_AT_LENGTH[reason]


def _crowd(message: Message) -> list[Step]:
    """The messages that left no room for a capped one."""
    if message.reason != Reason.CAPPED or not (cap := _cap_of(message)):
        return []
    return [
        Step(
            other.at,
            _("Counts for the cap: message %(number)d") % {"number": other.message},
            _("Of the mailing %(mailing)s") % {"mailing": other.name or f"№ {other.mailing}"},
            "warning",
            ahead=other.at > timezone.now(),
        )
        for other in neighbours(message, cap)
    ]


def _cap_of(message: Message) -> Cap | None:
    mailing = _mailing_of(message)
    return Cap(**mailing.cap) if mailing and mailing.cap else None


def _waiting(message: Message, batch: Batch) -> Step:
    return Step(batch.deadline or batch.expires_at, _("Deadline"), _now(message, batch), "info", ahead=True)


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
    return _queued(batch)


def _queued(batch: Batch) -> str:
    if batch.due_at > timezone.now():
        return _("It waits until it is due.")
    if batch.deadline and (batch.expires_at <= timezone.now() or (batch.opens_at or batch.due_at) > timezone.now()):
        return _("It waits for its send window to open again.")
    return _("It waits in the queue.") if batch.next_at <= timezone.now() else _("It waits to be tried again.")
