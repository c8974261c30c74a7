"""Remove the messages of mailings that were over long ago. What was counted of them stays in the mailing."""

import time

from django.db import connection, transaction
from django.db.models.functions import Now

from soroka.models import Batch, Mailing

# The one that was over first. What a segment, or a mailing that is not over, asks about by "delivered", "not_delivered"
# or "in_doubt" stays: without its messages the filter would take everybody whom it was to leave out.
_OLDEST = """
SELECT m.id FROM soroka_mailing m
 WHERE m.over_at < clock_timestamp() - make_interval(days => %s)
   AND m.id NOT IN (
     SELECT (asked.mailing #>> '{}')::bigint
       FROM (SELECT filter FROM soroka_segment UNION ALL SELECT filter FROM soroka_mailing WHERE breakdown IS NULL) kept
      CROSS JOIN LATERAL jsonb_array_elements(jsonb_path_query_array(kept.filter, '$.**.delivered')
                                           || jsonb_path_query_array(kept.filter, '$.**.not_delivered')
                                           || jsonb_path_query_array(kept.filter, '$.**.in_doubt')) asked(mailing))
 ORDER BY m.over_at LIMIT 1 FOR UPDATE OF m SKIP LOCKED
"""
# In the order in which an erasure takes the same rows: the two never wait for each other in a circle.
_REMOVE = (
    "DELETE FROM soroka_message WHERE id BETWEEN %s AND %s",
    "DELETE FROM soroka_messagetext WHERE message_id BETWEEN %s AND %s",
    "DELETE FROM soroka_attempt WHERE message_id BETWEEN %s AND %s",
)


def retire(days: int, *, seconds: float) -> None:
    """Remove what is older than so many days, a batch a transaction, until nothing is or the time is over."""
    end = time.monotonic() + seconds
    while _retire_batch(days) and time.monotonic() < end:
        pass


@transaction.atomic
def _retire_batch(days: int) -> bool:
    """Move the counts of one closed batch to its mailing, and remove it with all that belongs to it."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST, [days])
        found = cursor.fetchone()
    if found is None:
        return False
    mailing = Mailing.objects.get(pk=found[0])
    batch = Batch.objects.filter(mailing=mailing).order_by("id_from").first()
    if batch is None:
        mailing.over_at = None
    else:
        _remove(batch)
        mailing.gone_total += batch.total
        mailing.gone_delivered += batch.delivered
        mailing.gone_not_sent += batch.not_sent
    mailing.save(update_fields=["over_at", "gone_total", "gone_delivered", "gone_not_sent"])
    Mailing.objects.filter(pk=mailing.pk, gone_at=None).update(gone_at=Now())
    return True


def _remove(batch: Batch) -> None:
    with connection.cursor() as cursor:
        for statement in _REMOVE:
            cursor.execute(statement, [batch.id_from, batch.id_to])
    batch.delete()
