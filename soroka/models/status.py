"""A mailing's status, derived from its moments; the first that matches wins."""

from collections.abc import Sequence

from django.db import connection

from soroka.domain.message import MailingStatus

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


def by_status() -> dict[str, int]:
    """How many mailings have each status; a status that none has is 0."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_STATUS}, count(*) FROM soroka_mailing m GROUP BY 1")  # noqa: S608
        found = dict(cursor.fetchall())
    return {status.value: found.get(status.value, 0) for status in MailingStatus}
