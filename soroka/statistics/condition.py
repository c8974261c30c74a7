"""What went wrong lately, so that a person has to look at it."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models.functions import Now

from soroka.models import ClientImport, ImportState, ReportMail, Restoration
from soroka.models.statement import run


@dataclass(frozen=True, slots=True)
class Doubt:
    """So many messages of a mailing ended as ``unknown``: they may have been sent."""

    mailing: int
    name: str
    messages: int


@dataclass(frozen=True, slots=True)
class Failures:
    """What did not come to a good end lately; of each the latest first, up to ``_MOST``.

    held: the backup that was brought back, where nothing is sent because of it.
    """

    held: Restoration | None
    doubts: list[Doubt]
    imports: list[ClientImport]
    reports: list[ReportMail]


_MOST = 20
#: A report of a day before that is not asked for any more.
_REPORT_DAYS = 7

# A mailing that is over has its breakdown in its own row, any other one in its batches that are closed: by the indexes
# mailing_doubtful and batch_doubtful no other breakdown is read. Of what was sent once more somebody has thought.
_DOUBTS = """
SELECT found.id, found.name, found.messages
  FROM (SELECT id, name, (breakdown #>> '{not_sent_by_reason,unknown}')::bigint AS messages
          FROM soroka_mailing
         WHERE over_at > clock_timestamp() - make_interval(hours => %(hours)s)
           AND breakdown -> 'not_sent_by_reason' ? 'unknown'
        UNION ALL
        SELECT m.id, m.name, sum((b.breakdown #>> '{reasons,unknown}')::bigint)::bigint
          FROM soroka_mailing m JOIN soroka_batch b ON b.mailing_id = m.id
         WHERE m.breakdown IS NULL AND b.breakdown -> 'reasons' ? 'unknown'
         GROUP BY m.id) found
 WHERE NOT exists(SELECT FROM soroka_mailing again WHERE again.resend_of_id = found.id)
 ORDER BY found.id DESC LIMIT %(most)s
"""


def failures(hours: int) -> Failures:
    """Those of so many hours, and of mailings that are not over yet."""
    return Failures(_held(), _doubts(hours), _imports(hours), reports_given_up())


def reports_given_up() -> list[ReportMail]:
    """What was not sent in the last days and will not be tried again: it needs a person. Newest first."""
    lately = Now() - timedelta(days=_REPORT_DAYS)
    return list(ReportMail.objects.filter(given_up_at__isnull=False, sent_at=None, day__gte=lately)[:_MOST])


def _held() -> Restoration | None:
    return Restoration.objects.filter(released_at=None).first()


def _doubts(hours: int) -> list[Doubt]:
    return [Doubt(*row) for row in run(_DOUBTS, {"hours": hours, "most": _MOST})]


def _imports(hours: int) -> list[ClientImport]:
    since = Now() - timedelta(hours=hours)
    return list(ClientImport.objects.filter(state=ImportState.FAILED, finished_at__gt=since)[:_MOST])
