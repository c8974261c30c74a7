"""What the log says of a pump's work: a line a batch, and one for each attempt that was not accepted (ADR 35).

Each thing is told after it was committed, by the thread that did it.
"""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import structlog
from django.conf import settings
from django.db import Error

from soroka.delivery.ports import Answers, Lease
from soroka.domain.verdict import Verdict
from soroka.models.statement import run

log = structlog.get_logger(__name__)

_CLIENTS = "SELECT id, client_id FROM soroka_message WHERE id = ANY(%(ids)s::bigint[])"


@dataclass
class _Turn:
    """What became of a batch since it was claimed."""

    began: float = field(default_factory=time.monotonic)
    outcomes: Counter[str] = field(default_factory=Counter)


class Journal:
    """Of one pump and one gateway."""

    def __init__(self, gateway: str) -> None:
        self._gateway = gateway
        self._turns: dict[int, _Turn] = {}

    def claimed(self, leases: Iterable[Lease]) -> None:
        """Batches are in work."""
        self._turns |= {lease.batch_id: _Turn() for lease in leases}

    def settled(self, lease: Lease, answers: Answers, *, ours: bool) -> None:
        """Answers were written, or refused because the batch is not ours any more."""
        turn = self._turns.setdefault(lease.batch_id, _Turn())
        if not ours:
            self._end("batch lost", lease)
            return
        turn.outcomes["accepted"] += len(answers.accepted)
        turn.outcomes.update(verdict.outcome for verdict in answers.verdicts)
        if answers.verdicts:
            self._tell_refused(lease, answers.verdicts)
        if settings.LOG_MESSAGES and answers.accepted:
            self._tell_accepted(lease, answers.accepted)

    def released(self, lease: Lease, retry_in: float) -> None:
        """The batch was given back. retry_in: seconds, 0 where nothing of it waits for a try."""
        self._end("batch", lease, **({"retry_in": round(retry_in, 3)} if retry_in else {}))

    def _end(self, event: str, lease: Lease, **more: float) -> None:
        turn = self._turns.pop(lease.batch_id, None)
        if turn is not None:
            counts = {outcome: number for outcome, number in turn.outcomes.items() if number}
            seconds = round(time.monotonic() - turn.began, 3)
            messages = [lease.id_from, lease.id_to]
            log.info(event, **self._of(lease), messages=messages, seconds=seconds, **counts, **more)

    def _of(self, lease: Lease) -> dict[str, object]:
        return {"mailing": lease.mailing_id, "batch": lease.batch_id, "gateway": self._gateway}

    def _tell_refused(self, lease: Lease, verdicts: Sequence[Verdict]) -> None:
        clients = _clients([verdict.message_id for verdict in verdicts])
        for verdict in verdicts:
            log.info(
                "not accepted", **self._of(lease), message=verdict.message_id, client=clients.get(verdict.message_id),
                outcome=verdict.outcome, status=verdict.status.slug, reason=verdict.reason and verdict.reason.slug,
                tries=verdict.tries, detail=verdict.detail,
            )  # fmt: skip

    def _tell_accepted(self, lease: Lease, accepted: Sequence[int]) -> None:
        clients = _clients(accepted)
        for message in accepted:
            log.info("accepted", **self._of(lease), message=message, client=clients.get(message))


def _clients(messages: Sequence[int]) -> dict[int, int]:
    """Whose each message is. Nothing is settled later because the log cannot say that."""
    try:
        return dict(run(_CLIENTS, {"ids": list(messages)}))
    except Error:
        return {}
