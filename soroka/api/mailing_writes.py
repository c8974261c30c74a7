"""Mailings made, changed and removed: one transaction each, then planning and the doorbell."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import ValidationError

from soroka.api.held_tags import missing_tags
from soroka.audience.filter import Filter
from soroka.models import Mailing
from soroka.models.change import Deed
from soroka.models.clock import database_now
from soroka.models.trail import facts, note, note_change
from soroka.planning.idempotency import Repeatable, keep, take
from soroka.planning.launch import create_mailing, plan
from soroka.planning.resend import resend
from soroka.planning.revise import revise
from soroka.tasks import ring, ring_planning

#: What an answer waits for; a larger audience goes on being planned in the background.
PLANNED_AT_ONCE = 50_000
SECONDS = 2.0


def start(asked: Mapping[str, Any], request: Repeatable | None = None) -> Mailing:
    """Create a mailing, or find the one that the same request has made, and plan what can be planned at once.

    asked: the arguments of ``create_mailing``.  Raises ValidationError, BadSpan, KeyMismatch, MailingGone.
    """
    with transaction.atomic():
        if request and (made := take(request)):
            return Mailing.objects.get(pk=made)
        _hold_tags(asked.get("audience"))
        mailing = create_mailing(**asked)
        note(Deed.CREATED, mailing, after=facts(mailing))
        if request:
            keep(request, mailing.pk)
    _plan(mailing.pk)
    mailing.refresh_from_db()
    return mailing


def start_resend(mailing_id: int, *, ends_at: datetime | None, user: User | None) -> Mailing:
    """Send once more what of a mailing is in doubt. Raises AlreadyResent, BadSpan, NotAllowed."""
    with transaction.atomic():
        mailing = resend(mailing_id, ends_at=ends_at, user=user)
        note(Deed.CREATED, mailing, after=facts(mailing))
    _plan(mailing.pk)
    mailing.refresh_from_db()
    return mailing


def change(mailing: Mailing, asked: Mapping[str, Any]) -> None:
    """Change a mailing and plan it anew where needed. Raises ValidationError, BadSpan, NotAllowed."""
    changes = dict(asked)
    if changes.get("starts_at", ...) is None:
        changes["starts_at"] = _now(mailing)
    with transaction.atomic():
        _hold_tags(changes.get("audience"))
        before = facts(Mailing.objects.select_for_update().get(pk=mailing.pk))
        revise(mailing.pk, changes)
        note_change(Mailing.objects.get(pk=mailing.pk), before)
    _plan(mailing.pk)


def _now(mailing: Mailing) -> Any:
    """The start of a mailing that is to start now: one that has begun for everybody has done so."""
    begun = not mailing.local_time and mailing.starts_at <= timezone.now()
    return mailing.starts_at if begun else database_now()


def _hold_tags(audience: Filter | None) -> None:
    if audience and (errors := missing_tags(audience.tags)):
        raise ValidationError({"filter": errors})


def _plan(mailing_id: int) -> None:
    if not plan(mailing_id, messages=PLANNED_AT_ONCE, seconds=SECONDS):
        ring_planning(mailing_id)
    ring()
