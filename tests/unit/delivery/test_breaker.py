import pytest

from soroka.delivery.breaker import Breaker
from soroka.domain.outcome import Accepted, Deferred, Rejected, Unknown


def test_it_opens_at_so_many_failures_in_a_row():
    breaker = Breaker(0, 1.0, threshold=3)
    for outcome in (Deferred("503"), Unknown("500"), Accepted(), Deferred("503"), Unknown("500")):
        breaker.record(outcome)
    assert not breaker.open
    breaker.record(Deferred("503"))
    assert breaker.open


def test_a_refusal_of_a_message_shows_a_working_gateway():
    breaker = Breaker(0, 1.0, threshold=2)
    for _ in range(5):
        breaker.record(Deferred("503"))
        breaker.record(Rejected("400"))
    assert not breaker.open


@pytest.mark.parametrize(
    ("trouble", "draw", "seconds"), [(0, 1.0, 1), (1, 1.0, 2), (3, 1.0, 8), (3, 0.0, 4), (9, 1.0, 60), (1000, 1.0, 60)]
)
def test_its_pauses_grow_to_a_minute_with_jitter(trouble: int, draw: float, seconds: float):
    breaker = Breaker(trouble, draw, threshold=1)
    breaker.record(Unknown("500"))
    assert breaker.pause is not None
    assert breaker.pause.seconds == seconds


def test_it_opens_at_once_for_as_long_as_the_gateway_asks():
    breaker = Breaker(0, 1.0)
    breaker.record(Deferred("429", retry_after=7.5))
    breaker.record(Deferred("429", retry_after=2.0))
    assert breaker.pause is not None
    assert (breaker.pause.seconds, breaker.pause.stop) == (7.5, False)


def test_a_refused_credential_stops_the_gateway_and_is_probed_in_a_minute():
    breaker = Breaker(0, 1.0)
    breaker.record(Deferred("401", stop=True))
    assert breaker.pause is not None
    assert (breaker.pause.seconds, breaker.pause.stop) == (60.0, True)


def test_a_probe_that_fails_opens_it_again_and_one_that_is_answered_ends_the_probing():
    failed, answered = Breaker(2, 1.0), Breaker(2, 1.0)
    assert failed.record(Deferred("503")) is False
    assert failed.open
    assert answered.record(Accepted()) is True
    assert answered.record(Accepted()) is False
    assert not answered.probing
