import pytest

from soroka.delivery.breaker import Breaker
from soroka.domain.outcome import Accepted, Deferred, Outcome, Rejected, Unknown


def breaker(trouble: int = 0, *, works: bool = True, draw: float = 1.0) -> Breaker:
    return Breaker(trouble, draw, works=works)


def seconds(of: Breaker) -> float | None:
    return of.pause.seconds if of.pause else None


def test_it_opens_at_ten_failures_in_a_row():
    watched = breaker()
    for outcome in (*[Deferred("503"), Unknown("500")] * 4, Accepted(), *[Unknown("500")] * 9):
        watched.record(outcome)
    assert not watched.open
    watched.record(Deferred("503"))
    assert watched.open


def test_a_refusal_of_a_message_shows_a_working_gateway():
    watched = breaker(works=False)
    for _ in range(50):
        watched.record(Deferred("503"))
        watched.record(Rejected("400"))
    assert not watched.open
    assert watched.answered


@pytest.mark.parametrize(
    ("trouble", "draw", "expected"),
    [(0, 1.0, 1), (1, 1.0, 2), (3, 1.0, 8), (3, 0.0, 4), (9, 1.0, 60), (1000, 1.0, 60)],
)
def test_its_pauses_grow_to_a_minute_with_jitter(trouble: int, draw: float, expected: float):
    watched = breaker(trouble, draw=draw)
    for _ in range(10):
        watched.record(Unknown("500"))
    assert seconds(watched) == expected


def test_it_opens_at_once_for_as_long_as_the_gateway_asks():
    watched = breaker()
    watched.record(Deferred("429", retry_after=7.5))
    watched.record(Deferred("429", retry_after=2.0))
    assert watched.pause is not None
    assert (watched.pause.seconds, watched.pause.stop) == (7.5, False)


def test_a_refused_credential_stops_the_gateway_and_is_probed_in_a_minute():
    watched = breaker()
    watched.record(Deferred("401", stop=True))
    assert watched.pause is not None
    assert (watched.pause.seconds, watched.pause.stop) == (60.0, True)


def test_five_probes_may_fail_before_it_opens_again():
    watched = breaker(2)
    for _ in range(4):
        assert watched.record(Unknown("500")) is False
    assert not watched.open
    watched.record(Unknown("500"))
    assert watched.open


def test_an_answered_probe_ends_the_probing():
    watched = breaker(2)
    watched.record(Unknown("500"))
    assert watched.record(Accepted()) is True
    assert watched.record(Accepted()) is False
    assert not watched.probing


@pytest.mark.parametrize(
    ("trouble", "works", "outcomes", "blames"),
    [
        (0, True, [], True),
        (0, False, [], False),  # nobody has seen it work: its failures are its own
        (0, False, [Accepted()], True),
        (0, True, [Unknown("500")] * 10, False),
        (2, True, [], False),
        (2, True, [Accepted()], True),
    ],
)
def test_a_failure_is_the_messages_only_where_the_gateway_works(
    trouble: int, works: bool, outcomes: list[Outcome], blames: bool
):
    watched = breaker(trouble, works=works)
    for outcome in outcomes:
        watched.record(outcome)
    assert watched.blames_messages is blames


@pytest.mark.parametrize(
    ("trouble", "works", "outcomes", "opens"),
    [
        (0, True, [], False),
        (0, True, [Deferred("refused")], True),
        (0, True, [Unknown("500")], False),  # one message that fails where others passed: its own fault
        (0, False, [Unknown("500")], True),
        (0, True, [Unknown("500")] * 3, True),
        (3, True, [Unknown("500")], True),
        (0, True, [Deferred("refused"), Accepted(), Deferred("refused")], False),
    ],
)
def test_failures_that_are_all_that_came_open_it_at_the_end_of_a_turn(
    trouble: int, works: bool, outcomes: list[Outcome], opens: bool
):
    watched = breaker(trouble, works=works)
    for outcome in outcomes:
        watched.record(outcome)
    watched.end_turn()
    assert watched.open is opens
