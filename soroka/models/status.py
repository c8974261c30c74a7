"""A mailing's status, derived from its moments; the first that matches wins."""

from collections.abc import Collection, Sequence

from django.db import connection
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from soroka.domain.message import OVER, BatchState, MailingStatus
from soroka.models.batch import Batch
from soroka.models.mailing import Mailing

_STATUS = """
CASE WHEN m.cancelled_at IS NOT NULL THEN 'cancelled'
     WHEN m.planned_at IS NOT NULL
          AND NOT exists(SELECT FROM soroka_batch b WHERE b.mailing_id = m.id AND b.state <> 3) THEN 'finished'
     WHEN m.paused_at IS NOT NULL THEN 'paused'
     WHEN m.planned_at IS NULL THEN 'planning'
     WHEN m.first_due_at <= clock_timestamp() THEN 'running'
     ELSE 'scheduled' END
"""


def statuses(mailing_ids: Sequence[int]) -> dict[int, MailingStatus]:
    """The status of each mailing now."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT m.id, {_STATUS} FROM soroka_mailing m WHERE m.id = ANY(%s)", [list(mailing_ids)])  # noqa: S608
        return {mailing_id: MailingStatus(status) for mailing_id, status in cursor.fetchall()}


def status_of(mailing_id: int) -> MailingStatus:
    """The status of one mailing now. Raises KeyError where there is none with this id."""
    return statuses([mailing_id])[mailing_id]


def having(status: MailingStatus) -> Q:
    """What ``Mailing.objects.filter`` needs to find those with a status now.

    Few are under way, and none of these is folded: an index has them. Of most that are over their row alone says it.
    """
    derived = Q(RawSQL(f"({_STATUS.replace('m.', 'soroka_mailing.')}) = %s", [status.value], BooleanField()))  # noqa: S611
    match status:
        case MailingStatus.CANCELLED:
            return Q(cancelled_at__isnull=False)
        case MailingStatus.FINISHED:
            return Q(cancelled_at=None) & (Q(breakdown__isnull=False) | derived)
        case _:
            return Q(breakdown__isnull=True) & derived


def is_over(mailing_id: int) -> bool:
    """Whether a mailing is over and nothing of it is unsettled any more: what is counted of it stays so."""
    return status_of(mailing_id) in OVER and not _open_batches(mailing_id)


def _open_batches(mailing_id: int) -> bool:
    return Batch.objects.filter(mailing_id=mailing_id).exclude(state=BatchState.CLOSED).exists()


def without_messages(mailing_ids: Collection[int]) -> list[int]:
    """Those of the mailings whose messages were removed by age, all or some of them; in order."""
    gone = Mailing.objects.filter(pk__in=mailing_ids, gone_at__isnull=False)
    return list(gone.order_by("pk").values_list("pk", flat=True))


def by_status() -> dict[str, int]:
    """How many mailings have each status; a status that none has is 0."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_STATUS}, count(*) FROM soroka_mailing m GROUP BY 1")  # noqa: S608
        found = dict(cursor.fetchall())
    return {status.value: found.get(status.value, 0) for status in MailingStatus}
