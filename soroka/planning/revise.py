"""Change or remove a mailing, as long as nobody was written to."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from soroka.audience.filter import Filter
from soroka.domain.cap import Cap
from soroka.domain.message import OVER, MailingStatus
from soroka.domain.schedule import Span
from soroka.domain.send_window import SendWindow
from soroka.models import Mailing
from soroka.models.change import Deed
from soroka.models.status import status_of, without_messages
from soroka.models.trail import facts, note
from soroka.planning.launch import FIRST_WIDTH, moments_of_zones, newest_client_id
from soroka.queue.forget import discard, lock_batches, move_end
from soroka.queue.withdraw import NotAllowed

#: What may be changed once somebody was written to.
_ALWAYS = {"name", "ends_at"}


@transaction.atomic
def revise(mailing_id: int, changes: Mapping[str, Any]) -> None:
    """Change a mailing. Its audience is planned anew where more than the name or the end changes; call ``plan`` then.

    changes: arguments of ``create_mailing`` but for ``user``; those that change nothing are ignored.
    Raises NotAllowed where somebody was written to already, the mailing is over, or its filter asks about messages
    that were removed by age, and BadSpan.
    """
    mailing = Mailing.objects.select_for_update().get(pk=mailing_id)
    offered = _was_offered(mailing)
    status = status_of(mailing_id)
    changed = _apply(mailing, changes)
    if mailing.resend_of_id and "audience" in changed:
        raise NotAllowed("The mailing sends once more what of another one is in doubt: its filter cannot be changed.")
    _check(changed, status, offered=offered)
    Span(mailing.starts_at, mailing.ends_at, mailing.local_time, mailing.timezone)
    if changed - _ALWAYS or ("ends_at" in changed and status in OVER):
        _begin_anew(mailing)
    elif "ends_at" in changed:
        move_end(mailing_id, moments_of_zones(mailing))
    mailing.save()


@transaction.atomic
def remove(mailing_id: int) -> None:
    """Remove a mailing of which nothing was offered; its messages go in the background. Raises NotAllowed."""
    mailing = Mailing.objects.select_for_update().get(pk=mailing_id)
    if _was_offered(mailing):
        raise NotAllowed("Somebody was written to already: cancel the mailing instead.")
    discard(mailing_id)
    note(Deed.DELETED, mailing, before=facts(mailing))
    mailing.delete()


def _was_offered(mailing: Mailing) -> bool:
    """Lock its batches, and say whether something of them was offered, or of those that were removed by age."""
    return lock_batches(mailing.pk) or mailing.gone_at is not None


def _apply(mailing: Mailing, changes: Mapping[str, Any]) -> set[str]:
    """Set what differs; returns its names."""
    changed = set()
    for name, value in changes.items():
        field = "filter" if name == "audience" else name
        kept = value.to_json() if isinstance(value, Filter | Cap | SendWindow) else value
        if getattr(mailing, field) != kept:
            setattr(mailing, field, kept)
            changed.add(name)
    return changed


def _check(changed: set[str], status: MailingStatus, *, offered: bool) -> None:
    over = status is MailingStatus.CANCELLED or (status is MailingStatus.FINISHED and offered)
    if over and changed - {"name"}:
        raise NotAllowed(f"The mailing is {status}: only its name can be changed.")
    if offered and changed - _ALWAYS:
        names = ", ".join(sorted(changed - _ALWAYS))
        raise NotAllowed(f"Somebody was written to already: {names} cannot be changed, only name and ends_at.")


def _begin_anew(mailing: Mailing) -> None:
    """Forget the plan: the audience is the clients there are now. Raises NotAllowed where nobody knows any more."""
    if gone := without_messages(Filter.from_json(mailing.filter).mailings):
        names = ", ".join(map(str, gone))
        raise NotAllowed(
            f"The filter asks about messages that were removed by age, of these mailings: {names}. "
            "The audience cannot be planned anew without another filter."
        )
    discard(mailing.pk)
    mailing.last_client_id = newest_client_id()
    mailing.planned_to, mailing.slice_width = 0, FIRST_WIDTH
    mailing.planned_at = mailing.first_due_at = mailing.breakdown = mailing.over_at = None
