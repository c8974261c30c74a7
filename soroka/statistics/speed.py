"""How fast a gateway was, lately and while there was something to send."""

from soroka.models.statement import run

#: Batches that are looked at, and the messages below which they tell nothing.
_BATCHES, _FEWEST = 50, 500

#: Seconds. Where nothing was later than that, the gateway was not what it waited for.
_LATE = 2

# Settling is written at least once a second: a second in which nothing was settled was one without work.
_SPEED = """
SELECT count(*), count(DISTINCT date_trunc('second', m.settled_at))
  FROM (SELECT id_from, id_to, mailing_id FROM soroka_batch
         WHERE gateway_id = %(gateway)s AND delivered > 0 AND lateness_max > %(late)s
         ORDER BY id DESC LIMIT %(batches)s) b
  JOIN soroka_message m ON m.id BETWEEN b.id_from AND b.id_to AND m.mailing_id = b.mailing_id
 WHERE m.settled_at IS NOT NULL AND m.status = 1
"""


def measured_speed(gateway_id: int) -> float | None:
    """Messages a second, over all pumps, while more was due; None where too little was to tell."""
    ((messages, seconds),) = run(_SPEED, {"gateway": gateway_id, "batches": _BATCHES, "late": _LATE})
    return messages / seconds if messages >= _FEWEST else None
