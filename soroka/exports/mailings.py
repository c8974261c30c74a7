"""What mailings came to, as a table."""

from collections.abc import Iterator, Mapping

from django.db.models import QuerySet

from soroka.domain.message import MailingStatus, Reason
from soroka.exports.pages import pages
from soroka.exports.table import Cell, Table, moment
from soroka.models import Mailing
from soroka.models.status import statuses
from soroka.statistics.tally import counts, not_sent_by_reason

_REASONS = tuple(reason.slug for reason in Reason)
COLUMNS = (
    "id", "name", "status", "status_display", "starts_at", "ends_at", "total", "in_process", "delivered", "not_sent",
    *_REASONS,
)  # fmt: skip


def mailings(rows: QuerySet[Mailing], status_words: Mapping[MailingStatus, str]) -> Table:
    """A row a mailing, by id: the four counts, exact when they are read, and why messages were not sent."""
    return Table(COLUMNS, _rows(rows, status_words))


def _rows(rows: QuerySet[Mailing], status_words: Mapping[MailingStatus, str]) -> Iterator[list[Cell]]:
    for page in pages(rows, "id", "name", "starts_at", "ends_at", "breakdown__not_sent_by_reason"):
        ids = [pk for pk, *_ in page]
        status, four = statuses(ids), counts(ids)
        for pk, name, starts_at, ends_at, kept in page:
            if pk not in status:
                continue  # it was removed just now
            why = not_sent_by_reason(pk) if kept is None else kept
            yield [
                pk, name, status[pk].value, status_words[status[pk]], moment(starts_at), moment(ends_at),
                *four[pk].as_dict().values(), *(why.get(slug, 0) for slug in _REASONS),
            ]  # fmt: skip
