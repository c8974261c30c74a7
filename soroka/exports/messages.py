"""Messages of a mailing as a table."""

from collections.abc import Iterator, Mapping

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from soroka.domain.message import Reason, Status
from soroka.exports.pages import pages
from soroka.exports.table import Cell, Table, moment
from soroka.models import Batch, Gateway, Mailing, Message

COLUMNS = (
    "id", "client", "phone", "operator_code", "timezone", "status", "status_display", "reason", "reason_display",
    "due_at", "expires_at", "settled_at", "gateway", "tries",
)  # fmt: skip
_OF_BATCH = ("id_from", "id_to", "zone__name", "due_at", "until")
_OF_MESSAGE = ("id", "client_id", "phone", "operator_code", "status", "reason", "settled_at", "gateway_id", "tries")


class MessagesGone(LookupError):
    """Messages of the mailing were removed while they were read, by age or with all of it."""


def messages(
    mailing: Mailing,
    rows: QuerySet[Message],
    status_words: Mapping[Status, str],
    reason_words: Mapping[Reason, str],
) -> Table:
    """Those of the rows that are of the mailing, by id: batch by batch, which bounds every statement.

    The rows end with MessagesGone where some may be missing.
    """
    return Table(COLUMNS, _rows(mailing, rows.filter(mailing=mailing), status_words, reason_words))


def _rows(
    mailing: Mailing,
    rows: QuerySet[Message],
    status_words: Mapping[Status, str],
    reason_words: Mapping[Reason, str],
) -> Iterator[list[Cell]]:
    gateways = dict(Gateway.objects.values_list("pk", "name"))
    batches_of_it = Batch.objects.filter(mailing=mailing).annotate(until=Coalesce("deadline", "expires_at"))
    for batches in pages(batches_of_it, *_OF_BATCH):
        for low, high, zone, due_at, until in batches:
            when = moment(due_at), moment(until)
            for page in pages(rows.filter(pk__range=(low, high)), *_OF_MESSAGE):
                for pk, client, phone, code, status, kept_reason, settled_at, gateway, tries in page:
                    # One that is in doubt has a reason as well, but may still be delivered.
                    reason = Reason(kept_reason) if status == Status.NOT_SENT else None
                    sender = gateway or (mailing.gateway_id if status == Status.DELIVERED else None)
                    yield [
                        pk, client, phone and str(phone), f"{code:03}", zone,
                        Status(status).slug, status_words[status],
                        reason and reason.slug, reason and reason_words[reason],
                        *when, moment(settled_at), gateways.get(sender) if sender else None, tries,
                    ]  # fmt: skip
    # Asked last: what was missing in a page was removed before this.
    if not Mailing.objects.filter(pk=mailing.pk, gone_at=None).exists():
        raise MessagesGone(f"Messages of mailing {mailing.pk} were removed while they were read.")
