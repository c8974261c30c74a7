"""A storm on a gateway that is back breaks a promise, and a gentle return does not."""

from types import SimpleNamespace

import pytest

from soroka.prove.record import Call
from soroka.prove.rows.gateways import left_alone

BEGAN, ENDED, BACK = 100.0, 120.0, 120.4
LATENCY = 0.1


def broken(calls):
    proof = SimpleNamespace(stack=SimpleNamespace(pumps=2))
    return [promise.text for promise in left_alone(proof, calls, BEGAN, ENDED) if not promise.holds]


def burst(count, at, answer="ok"):
    return [Call(at, number, answer, answer == "ok") for number in range(count)]


def doubling(pumps, rounds):
    return [call for turn in range(rounds) for call in burst(pumps * 2**turn, BACK + turn * LATENCY)]


def test_a_gateway_that_gets_twice_as_much_each_time_is_not_stormed():
    assert broken(doubling(pumps=2, rounds=8)) == []


@pytest.mark.parametrize("late", [0.0, 0.1, 0.2])
def test_a_call_on_every_connection_at_once_is_a_storm(late):
    (text,) = broken([*burst(1, BACK), *burst(100, BACK + late)])
    assert text.endswith("no storm")


def test_more_than_probes_while_it_fails_or_is_mended_is_too_much():
    assert len(broken(burst(200, BEGAN + 10, "500"))) == 1
    assert len(broken([*burst(50, ENDED + 0.1, "500"), *burst(1, BACK)])) == 1


def test_what_was_under_way_when_it_failed_is_not_held_against_anybody():
    assert broken(burst(200, BEGAN + 1.0, "500")) == []
