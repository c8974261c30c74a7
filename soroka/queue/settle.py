"""Write what became of offered messages."""

from soroka.delivery.ports import Answers, Lease
from soroka.domain.lateness import histogram
from soroka.models.statement import run

# Only the messages named are touched, never the range: what is still in flight lies in it too. A message that was in
# doubt ends as delivered or unknown, whatever else is said of it later; one that was recalled is not tried again.
# Of one whose client was erased meanwhile no words are kept: the gateway's may repeat his phone.
# The batch is locked first, by the fence: where the lease is no longer ours nothing is written at all.
_SETTLE = """
WITH own AS (
    SELECT b.id, b.gateway_id, nullif(b.gateway_id, m.gateway_id) AS fallback
      FROM soroka_batch b LEFT JOIN soroka_mailing m ON m.id = b.mailing_id
     WHERE b.id = %(batch)s AND b.owner = %(owner)s AND b.epoch = %(epoch)s AND b.state = 1 FOR UPDATE OF b
), accepted AS (
    UPDATE soroka_message m SET status = 1, reason = NULL, settled_at = clock_timestamp(), gateway_id = own.fallback
      FROM own WHERE m.id = ANY(%(accepted)s::bigint[]) AND m.status = 0
    RETURNING 1
), said AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(statuses)s::smallint[], %(reasons)s::smallint[], %(tries)s::smallint[],
                         %(outcomes)s::text[], %(details)s::text[])
               AS said(id, status, reason, tries, outcome, detail)
), judged AS (
    UPDATE soroka_message m
       SET status = CASE WHEN said.status = 0 AND m.recalled IS NOT NULL THEN 2 ELSE said.status END,
           tries = said.tries,
           reason = CASE WHEN m.reason = 7 THEN 7
                         WHEN said.status = 0 THEN coalesce(said.reason, m.recalled)
                         ELSE said.reason END,
           settled_at = CASE WHEN said.status <> 0 OR m.recalled IS NOT NULL THEN clock_timestamp() END,
           gateway_id = CASE WHEN said.status <> 0 OR said.reason = 7 THEN own.gateway_id ELSE m.gateway_id END
      FROM own, said WHERE m.id = said.id AND m.status = 0
    RETURNING m.id, m.status, m.phone IS NULL AS erased
), attempts AS (
    INSERT INTO soroka_attempt (message_id, gateway_id, outcome, detail)
    SELECT said.id, own.gateway_id, said.outcome, CASE WHEN judged.erased THEN '' ELSE left(said.detail, 200) END
      FROM own CROSS JOIN said LEFT JOIN judged ON judged.id = said.id
)
UPDATE soroka_batch b
   SET delivered = delivered + (SELECT count(*) FROM accepted),
       not_sent = not_sent + (SELECT count(*) FROM judged WHERE status = 2),
       lateness = CASE WHEN %(late)s::int[] = '{}' THEN b.lateness ELSE (
           SELECT array_agg(coalesce(old, 0) + coalesce(new, 0) ORDER BY place)
             FROM unnest(b.lateness, %(late)s::int[]) WITH ORDINALITY AS added(old, new, place)) END,
       lateness_max = greatest(lateness_max, %(latest)s)
  FROM own WHERE b.id = own.id
RETURNING b.id
"""


def settle(lease: Lease, answers: Answers) -> bool:
    """Write answers, the attempts that were not accepted and the lateness of first offers.

    Counters rise by what was really written. False, with nothing written, where the lease is no longer this pump's.
    """
    verdicts = answers.verdicts
    values = {
        "batch": lease.batch_id,
        "owner": lease.owner,
        "epoch": lease.epoch,
        "accepted": answers.accepted,
        "ids": [verdict.message_id for verdict in verdicts],
        "statuses": [int(verdict.status) for verdict in verdicts],
        "reasons": [verdict.reason and int(verdict.reason) for verdict in verdicts],
        "tries": [verdict.tries for verdict in verdicts],
        "outcomes": [verdict.outcome for verdict in verdicts],
        "details": [verdict.detail for verdict in verdicts],
        "late": histogram(answers.lateness),
        "latest": max(answers.lateness, default=0.0),
    }
    return bool(run(_SETTLE, values))
