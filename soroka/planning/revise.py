"""Change or remove a mailing, as long as nobody was written to."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from soroka.domain.message import MailingStatus
from soroka.domain.schedule import Window
from soroka.models import Mailing
from soroka.models.status import status_of
from soroka.planning.launch import FIRST_WIDTH, moments_of_zones, newest_client_id
from soroka.queue.forget import discard, lock_batches, move_end
from soroka.queue.withdraw import NotAllowed

#: What may be changed once somebody was written to.
_ALWAYS = {"name", "ends_at"}
_OVER = {MailingStatus.CANCELLED, MailingStatus.FINISHED}


@transaction.atomic
def revise(mailing_id: int, changes: Mapping[str, Any]) -> None:
    """Change a mailing. Its audience is planned anew where more than the name or the end changes; call ``plan`` then.

    changes: arguments of ``create_mailing`` but for ``user``; those that change nothing are ignored.
    Raises NotAllowed where somebody was written to already, or the mailing is over, and BadWindow.
    """
    mailing = Mailing.objects.select_for_update().get(pk=mailing_id)
    offered = lock_batches(mailing_id)
    status = status_of(mailing_id)
    changed = _apply(mailing, changes)
    _check(changed, status, offered=offered)
    Window(mailing.starts_at, mailing.ends_at, mailing.local_time, mailing.timezone)
    if changed - _ALWAYS or ("ends_at" in changed and status in _OVER):
        _begin_anew(mailing)
    elif "ends_at" in changed:
        move_end(mailing_id, moments_of_zones(mailing))
    mailing.save()


@transaction.atomic
def remove(mailing_id: int) -> None:
    """Remove a mailing of which nothing was offered; its messages go in the background. Raises NotAllowed."""
    mailing = Mailing.objects.select_for_update().get(pk=mailing_id)
    if lock_batches(mailing_id):
        raise NotAllowed("Somebody was written to already: cancel the mailing instead.")
    discard(mailing_id)
    mailing.delete()


def _apply(mailing: Mailing, changes: Mapping[str, Any]) -> set[str]:
    """Set what differs; returns its names."""
    changed = set()
    for name, value in changes.items():
        field, kept = ("filter", value.to_json()) if name == "audience" else (name, value)
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
    """Forget the plan: the audience is the clients there are now."""
    discard(mailing.pk)
    mailing.last_client_id = newest_client_id()
    mailing.planned_to, mailing.slice_width = 0, FIRST_WIDTH
    mailing.planned_at = mailing.first_due_at = mailing.breakdown = None
