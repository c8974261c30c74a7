"""A leak is seen, and what only goes up and down is none."""

import pytest

from soroka.prove.soak.judge import judge
from soroka.prove.soak.sample import Sample

EVERY, SECONDS, KILLED_UNTIL = 15, 3600, 1200
MESSAGES, RATE = "soroka_message", 2300


def sample(at):
    """A sample of a service that is well: vacuum comes every 200 s."""
    settled = RATE * at
    return {
        "memory worker": 500e6 + 5e6 * (at % 60) / 60, "memory web": 120e6, "memory gateway": 100 * settled,
        "descriptors worker": 400 + at % 90, "descriptors web": 40,
        "sessions worker": 4 + 2 * (at % 30 == 0), "sessions web": 2,
        "clients valkey": 20, "data valkey": 2e6, "tasks waiting": at % 3,
        f"rows {MESSAGES}": settled + 1000, f"table {MESSAGES}": 150 * settled, f"indexes {MESSAGES}": 100 * settled,
        f"dead {MESSAGES}": RATE * (at % 200), f"changed {MESSAGES}": settled,
        f"threshold {MESSAGES}": 50 + 0.05 * settled,
        f"vacuumed {MESSAGES}": at // 200,
        "rows soroka_batch": settled / 1000 + 1, "table soroka_batch": settled,
        "indexes soroka_batch": settled / 2, "table soroka_gateway": 80_000, "indexes soroka_gateway": 16_000,
        "seconds snapshot": 1.0,
    }  # fmt: skip


def broken(leak=lambda at: {}, rate=RATE):
    """The promises that do not hold where these values are other ones."""
    samples = [Sample(at, sample(at) | leak(at)) for at in range(0, SECONDS, EVERY)]
    return [promise.text for promise in judge(samples, KILLED_UNTIL, rate, RATE) if not promise.holds]


def test_a_service_that_is_well_breaks_no_promise():
    assert broken() == []


@pytest.mark.parametrize(
    ("leak", "words"),
    [
        (lambda at: {"memory worker": 500e6 + 40e3 * at}, "memory stays flat"),
        (lambda at: {"descriptors web": 40 + at / 100}, "open descriptors do not grow"),
        (lambda at: {"sessions worker": 4 + at / 100}, "sessions of PostgreSQL do not grow"),
        (lambda at: {"clients valkey": 20 + at / 100}, "connections to Valkey do not grow"),
        (lambda at: {"data valkey": 2e6 + 20e3 * at}, "what Valkey keeps does not grow"),
        (lambda at: {"tasks waiting": at / 10}, "tasks of Celery do not pile up"),
        (lambda at: {f"dead {MESSAGES}": RATE * at}, "vacuum keeps up"),
        (lambda at: {f"table {MESSAGES}": 150 * RATE * at * (1 + at / 3600)}, "bytes of a message"),
        (lambda at: {"table soroka_gateway": 80_000 + 1e3 * at}, "tables that do not grow"),
        (lambda at: {"seconds snapshot": 45.0 if at == 1800 else 1.0}, "no transaction keeps a snapshot"),
    ],
)
def test_a_leak_breaks_its_own_promise(leak, words):
    (found,) = broken(leak)
    assert found.startswith(words)


def test_what_is_younger_than_the_kills_is_not_compared():
    assert broken(lambda at: {"memory worker": 50e6} if at < KILLED_UNTIL else {}) == []


def test_the_gateway_may_grow_for_it_keeps_every_call():
    assert broken(lambda at: {"memory gateway": 1e6 * at, "descriptors gateway": at}) == []


def test_less_than_the_rate_is_seen():
    assert broken(rate=RATE / 2) == ["the rate is held"]


@pytest.mark.parametrize(
    ("kind", "words"),
    [("memory", "memory stays flat"), ("dead", "vacuum keeps up"), ("seconds", "no transaction keeps a snapshot")],
)
def test_what_was_never_measured_does_not_hold(kind, words):
    samples = [
        Sample(at, {name: value for name, value in sample(at).items() if name.partition(" ")[0] != kind})
        for at in range(0, SECONDS, EVERY)
    ]
    (found,) = [promise.text for promise in judge(samples, KILLED_UNTIL, RATE, RATE) if not promise.holds]
    assert found.startswith(words)
