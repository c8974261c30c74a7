"""Send once more what of a mailing is in doubt: it may have come already, so only a person can want it (ADR 25)."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from soroka.audience.filter import Filter
from soroka.audience.leaves import Ended
from soroka.domain.cap import Cap
from soroka.models import Mailing
from soroka.models.change import Deed
from soroka.models.clock import database_now
from soroka.models.status import is_over, status_of
from soroka.models.trail import note
from soroka.planning.launch import create_mailing
from soroka.queue.withdraw import NotAllowed
from soroka.statistics.tally import in_doubt


class AlreadyResent(Exception):
    """What is in doubt of a mailing is sent once more and not again. by: the id of the mailing that does so."""

    def __init__(self, by: int) -> None:
        super().__init__(f"What is in doubt of this mailing was sent once more already, by mailing {by}.")
        self.by = by


@transaction.atomic
def resend(mailing_id: int, *, ends_at: datetime | None, user: User | None) -> Mailing:
    """Make a mailing, due now, to those whose message of another one ended in doubt. ``plan`` makes its messages.

    It says the same through the same gateways, at the same hours and under the same cap.
    ends_at: aware; None: as long from now as the first one went.
    Raises AlreadyResent, BadSpan, and NotAllowed where the first is not over or nothing of it is in doubt.
    """
    first = Mailing.objects.select_for_update(of=("self",)).select_related("gateway").get(pk=mailing_id)
    require_resendable(first)
    made = create_mailing(
        name=first.name,
        text=first.text,
        audience=Filter(tree=Ended(first.pk, "in_doubt")),
        starts_at=None,
        ends_at=ends_at or database_now() + (first.ends_at - first.starts_at),
        local_time=False,
        window=first.send_window,
        widen_window=first.widen_window,
        gateway=first.gateway,
        fallbacks=first.fallbacks,
        cap=Cap(**first.cap) if first.cap else None,
        lift_cap=first.lift_cap,
        resend_of=first,
        user=user,
    )
    note(Deed.RESENT, first)
    return made


def require_resendable(first: Mailing) -> None:
    """Raises AlreadyResent, and NotAllowed where the first is not over or nothing of it is in doubt.

    It stays as it is only where the caller has locked the first: else somebody may resend it meanwhile.
    """
    if made := resent([first.pk]).get(first.pk):
        raise AlreadyResent(made)
    if first.gone_at is not None:
        raise NotAllowed("The messages of this mailing were removed by age: nobody knows any more who is in doubt.")
    if not is_over(first.pk):
        raise NotAllowed(f"The mailing is {status_of(first.pk)}, and something of it is not settled yet.")
    if not in_doubt(first):
        raise NotAllowed("Nothing of this mailing is in doubt.")


def resent(mailing_ids: Sequence[int]) -> dict[int, int]:
    """Which of the mailings were resent, each with the id of the mailing that does so."""
    return dict(Mailing.objects.filter(resend_of__in=mailing_ids).values_list("resend_of_id", "pk"))


def may_resend(mailing: Mailing) -> bool:
    """Whether ``resend`` would do so now."""
    return mailing.gone_at is None and is_over(mailing.pk) and in_doubt(mailing) > 0 and not resent([mailing.pk])
