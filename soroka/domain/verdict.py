"""What a failure means for a message: the rules of trying again, without a clock and without a database."""

from dataclasses import dataclass

from soroka.domain.message import Reason, Status
from soroka.domain.outcome import Deferred, Failure, Rejected, Unknown


@dataclass(frozen=True, slots=True)
class Policy:
    """How a gateway's failures are answered.

    max_tries: offers of one message that may fail before it is given up.
    idempotent: the gateway knows a repeated message by its id, so that a doubtful one may be offered again.
    backoff_base, backoff_cap: seconds; the n-th pause is ``base * 2**n``, at most ``cap``.
    jitter: the share of a pause that is drawn at random, 0..1; 1 is full jitter.
    """

    max_tries: int = 5
    idempotent: bool = True
    backoff_base: float = 0.5
    backoff_cap: float = 300.0
    jitter: float = 1.0

    def backoff(self, tries: int, draw: float) -> float:
        """Seconds to wait after ``tries`` failed tries. draw: a random number, 0..1."""
        pause = min(self.backoff_base * 2.0 ** min(tries, 32), self.backoff_cap)
        return pause * (1 - self.jitter + self.jitter * draw)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be written about one offered message that was not accepted.

    status and reason as in the ledger; ``IN_PROCESS`` with ``UNKNOWN`` is a message in doubt.
    tries: how many failed tries it has now.
    outcome, detail: the attempt to record.
    """

    message_id: int
    status: Status
    reason: Reason | None
    tries: int
    outcome: str
    detail: str


def judge(message_id: int, failure: Failure, tries: int, policy: Policy, *, counts: bool) -> Verdict:
    """The verdict on a failure.

    tries: failed tries before this one.  counts: this failure is the message's, not that of a gateway that is down.
    """
    now_tried = tries + 1 if counts else tries
    worn_out = now_tried >= policy.max_tries
    match failure:
        case Rejected(why):
            return Verdict(message_id, Status.NOT_SENT, Reason.REJECTED, now_tried, "rejected", why)
        case Deferred(why):
            status, reason = (Status.NOT_SENT, Reason.EXHAUSTED) if worn_out else (Status.IN_PROCESS, None)
            return Verdict(message_id, status, reason, now_tried, "deferred", why)
        case Unknown(why):
            again = policy.idempotent and not worn_out
            status = Status.IN_PROCESS if again else Status.NOT_SENT
            return Verdict(message_id, status, Reason.UNKNOWN, now_tried, "unknown", why)
