import pytest

from soroka.domain.message import Reason, Status
from soroka.domain.outcome import Deferred, Failure, Rejected, Unknown
from soroka.domain.verdict import Policy, judge

KNOWS = Policy(max_tries=3, idempotent=True)
FORGETS = Policy(max_tries=3, idempotent=False)


@pytest.mark.parametrize(
    ("failure", "tries", "policy", "counts", "status", "reason", "now_tried"),
    [
        (Rejected("no"), 0, KNOWS, True, Status.NOT_SENT, Reason.REJECTED, 1),
        (Deferred("503"), 0, KNOWS, True, Status.IN_PROCESS, None, 1),
        (Deferred("503"), 2, KNOWS, True, Status.NOT_SENT, Reason.EXHAUSTED, 3),
        (Deferred("503"), 2, KNOWS, False, Status.IN_PROCESS, None, 2),  # an outage is the gateway's fault
        (Deferred("503"), 0, FORGETS, True, Status.IN_PROCESS, None, 1),
        (Unknown("timeout"), 0, KNOWS, True, Status.IN_PROCESS, Reason.UNKNOWN, 1),
        (Unknown("timeout"), 2, KNOWS, True, Status.NOT_SENT, Reason.UNKNOWN, 3),
        (Unknown("timeout"), 2, KNOWS, False, Status.IN_PROCESS, Reason.UNKNOWN, 2),
        (Unknown("timeout"), 0, FORGETS, True, Status.NOT_SENT, Reason.UNKNOWN, 1),  # never resent silently
        (Unknown("timeout"), 0, FORGETS, False, Status.NOT_SENT, Reason.UNKNOWN, 0),
    ],
)
def test_it_judges_by_the_table(
    failure: Failure, tries: int, policy: Policy, counts: bool, status: Status, reason: Reason | None, now_tried: int
) -> None:
    verdict = judge(7, failure, tries, policy, counts=counts)
    assert (verdict.message_id, verdict.status, verdict.reason, verdict.tries) == (7, status, reason, now_tried)


def test_it_keeps_the_words_of_what_was_not_accepted() -> None:
    verdict = judge(1, Deferred("HTTP 503"), 0, KNOWS, counts=True)
    assert (verdict.outcome, verdict.detail) == ("deferred", "HTTP 503")


@pytest.mark.parametrize(
    ("tries", "draw", "seconds"),
    [(0, 1.0, 0.5), (1, 1.0, 1), (1, 0.5, 0.5), (3, 1.0, 4), (10, 1.0, 300), (500, 1.0, 300), (5, 0.0, 0)],
)
def test_pauses_double_with_full_jitter_up_to_the_cap(tries: int, draw: float, seconds: float) -> None:
    assert Policy().backoff(tries, draw) == seconds


@pytest.mark.parametrize(
    ("base", "cap", "jitter", "draw", "pauses"),
    [
        (2, 60, 0.0, 0.3, [2, 4, 8, 16, 32, 60, 60]),  # none of it is drawn
        (2, 60, 0.5, 0.0, [1, 2, 4, 8, 16, 30, 30]),
        (2, 60, 0.5, 0.5, [1.5, 3, 6, 12, 24, 45, 45]),
        (2, 60, 0.5, 1.0, [2, 4, 8, 16, 32, 60, 60]),
        (2, 60, 1.0, 0.0, [0, 0, 0, 0, 0, 0, 0]),
        (2, 60, 1.0, 0.25, [0.5, 1, 2, 4, 8, 15, 15]),
        (0.25, 0.25, 0.0, 0.9, [0.25] * 7),
    ],
)
def test_each_gateway_has_pauses_of_its_own(
    base: float, cap: float, jitter: float, draw: float, pauses: list[float]
) -> None:
    policy = Policy(backoff_base=base, backoff_cap=cap, jitter=jitter)
    assert [policy.backoff(tries, draw) for tries in range(7)] == pauses
