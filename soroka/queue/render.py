"""Fill a template in for the clients of a slice, before it is offered."""

from collections.abc import Sequence
from dataclasses import replace

import orjson
from django.db import connection

from soroka.delivery.ports import Lease, Offered
from soroka.domain.message import Reason
from soroka.domain.template import BadTemplate, is_template, render
from soroka.models import Attempt, MessageText
from soroka.models.link import link_values

# The values that a template sees. Attributes come first: nobody's attribute may pose as what follows.
_VALUES = """
SELECT m.id, c.id, c.attributes || jsonb_build_object('phone', m.phone::text,
           'tags', array(SELECT t.name FROM soroka_tag t WHERE t.id = ANY(c.tag_ids) ORDER BY t.name))
  FROM soroka_message m JOIN soroka_client c ON c.id = m.client_id
 WHERE m.id = ANY(%s)
"""

_INVALID = """
WITH invalid AS (
    UPDATE soroka_message SET status = 2, reason = coalesce(reason, %(reason)s), settled_at = clock_timestamp()
     WHERE id = ANY(%(ids)s) AND status = 0
    RETURNING 1
)
UPDATE soroka_batch SET not_sent = not_sent + (SELECT count(*) FROM invalid) WHERE id = %(batch)s
"""


def render_slice(lease: Lease, messages: Sequence[Offered]) -> list[Offered]:
    """The messages with their own texts, kept for a repeat; those that cannot be rendered are settled as invalid.

    A text without variables is the same for all. The caller holds the lock of the batch, by its fence.
    """
    if not is_template(lease.text):
        return list(messages)
    ids = [message.id for message in messages]
    texts = dict(MessageText.objects.filter(pk__in=ids).values_list("pk", "text"))
    rendered, faults = _rendered(lease.text, [message_id for message_id in ids if message_id not in texts])
    MessageText.objects.bulk_create(MessageText(message_id=key, text=text) for key, text in rendered.items())
    _settle_invalid(lease, faults)
    texts |= rendered
    return [replace(message, text=texts[message.id]) for message in messages if message.id in texts]


def _rendered(template: str, ids: Sequence[int]) -> tuple[dict[int, str], dict[int, str]]:
    """The texts by message id, and why the others have none."""
    texts: dict[int, str] = {}
    faults = dict.fromkeys(ids, "the client is gone")
    with connection.cursor() as cursor:
        cursor.execute(_VALUES, [list(ids)])
        for message_id, client_id, values in cursor.fetchall():
            try:
                texts[message_id] = render(template, orjson.loads(values) | link_values(template, client_id))
                del faults[message_id]
            except BadTemplate as error:
                faults[message_id] = str(error)
    return texts, faults


def _settle_invalid(lease: Lease, faults: dict[int, str]) -> None:
    if not faults:
        return
    with connection.cursor() as cursor:
        cursor.execute(_INVALID, {"ids": list(faults), "batch": lease.batch_id, "reason": Reason.INVALID})
    Attempt.objects.bulk_create(
        Attempt(message_id=message_id, outcome="invalid", detail=why[:200]) for message_id, why in faults.items()
    )
