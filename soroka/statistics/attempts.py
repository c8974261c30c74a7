"""The latest offers that a gateway did not accept."""

from dataclasses import dataclass
from datetime import datetime

from soroka.models.statement import run

#: Of the latest so many offers of all gateways: an index by gateway would cost a write for each, in every outage.
LOOKED_AT = 5_000

_LATEST = """
SELECT a.at, a.message_id, a.outcome, a.detail
  FROM (SELECT * FROM soroka_attempt ORDER BY id DESC LIMIT %(looked_at)s) a
 WHERE a.gateway_id = %(gateway)s
 ORDER BY a.id DESC LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Refusal:
    """outcome: ``rejected``, ``deferred`` or ``unknown``.  detail: why, as the gateway said it."""

    at: datetime
    message_id: int
    outcome: str
    detail: str


def latest_refusals(gateway_id: int, most: int) -> list[Refusal]:
    """Newest first; those that are not among the latest ``LOOKED_AT`` of all gateways are left out."""
    values = {"gateway": gateway_id, "looked_at": LOOKED_AT, "most": most}
    return [Refusal(*row) for row in run(_LATEST, values)]
