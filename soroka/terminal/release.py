"""Going on after a backup was brought back: what nobody can know, and the word of a person."""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from soroka.domain.message import BatchState
from soroka.models import Batch, Mailing, Restoration
from soroka.models.change import Deed
from soroka.models.trail import note
from soroka.tasks import ring
from soroka.terminal import screen
from soroka.terminal.asking import confirm
from soroka.terminal.failure import Exit, Failure
from soroka.terminal.options import acting, user_named


def released(username: str | None, *, ask: bool) -> None:
    """Tell what is in doubt, ask, and let it send. Raises Failure where nothing is held."""
    user = user_named(username)
    held = list(Restoration.objects.filter(released_at=None))
    if not held:
        raise Failure(
            _("Nothing is held: no backup was brought back that is not released."), Exit.NOT_POSSIBLE, "not_allowed"
        )
    screen.show(*_doubts(held[-1]), stderr=True)
    if ask:
        confirm(_("Let it send?"))
    with acting(user), transaction.atomic():
        for row in Restoration.objects.select_for_update().filter(released_at=None):
            note(Deed.RESUMED, row)
        Restoration.objects.filter(released_at=None).update(released_at=Now())
    ring()
    screen.say(_("Released: what is due is sent from now on."))


def _doubts(row: Restoration) -> Iterator[str]:
    at = {"moment": screen.moment(row.backed_up_at), "zone": screen.zone()}
    yield _("What happened after %(moment)s (%(zone)s), when the backup was made, is not known here.") % at
    yield _("Who opted out or was erased since then is written to again: enter it anew first.")
    unknown = list(_may_repeat())
    if unknown:
        yield _("What was sent since then is in process again. These would be sent a second time:")
        yield from unknown
        yield _("Cancel those that were sent: soroka mailing cancel ID. Gateways that know a repeat send none twice.")


def _may_repeat() -> Iterator[str]:
    """The mailings with messages in process at a gateway that does not know a repeat by its id."""
    waiting = Batch.objects.filter(state__in=[BatchState.READY, BatchState.LEASED], gateway__idempotent=False)
    left = waiting.values("mailing_id", "gateway__name").annotate(
        messages=Sum(F("total") - F("delivered") - F("not_sent"))
    )
    names = dict(Mailing.objects.filter(pk__in={one["mailing_id"] for one in left}).values_list("pk", "name"))
    for one in left.order_by("mailing_id"):
        facts = {
            "id": one["mailing_id"],
            "name": names[one["mailing_id"]],
            "gateway": one["gateway__name"],
            "number": screen.number(one["messages"]),
        }
        yield (
            "  "
            + ngettext(
                "mailing %(id)s %(name)s, gateway %(gateway)s: %(number)s message",
                "mailing %(id)s %(name)s, gateway %(gateway)s: %(number)s messages",
                one["messages"],
            )
            % facts
        )
