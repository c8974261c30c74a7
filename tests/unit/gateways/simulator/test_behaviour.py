import pytest

from soroka.gateways.simulator.behaviour import Behaviour

IDS = range(1, 20_001)


def kinds(attempt=1, **wish):
    behaviour = Behaviour().changed(wish)
    return [behaviour.kind(message, attempt) for message in IDS]


def test_it_does_every_time_the_same():
    assert kinds(fault={"503": 0.1, "hang": 0.1}) == kinds(fault={"503": 0.1, "hang": 0.1})


def test_it_does_something_else_with_another_seed():
    assert kinds(fault={"503": 0.5}) != kinds(fault={"503": 0.5}, seed=1)


def test_it_lets_a_message_that_is_tried_again_pass():
    first, second = kinds(fault={"503": 0.1}), kinds(fault={"503": 0.1}, attempt=2)
    again = [later for earlier, later in zip(first, second, strict=True) if earlier == "503"]
    assert 0.85 < again.count("ok") / len(again) < 0.95


def test_it_keeps_to_the_shares():
    seen = kinds(fault={"503": 0.1, "400": 0.01, "hang": 0.2})
    shares = {kind: seen.count(kind) / len(seen) for kind in ("503", "400", "hang", "ok")}
    assert shares == pytest.approx({"503": 0.1, "400": 0.01, "hang": 0.2, "ok": 0.69}, abs=0.01)


def test_it_does_nothing_else_at_a_share_of_1():
    assert set(kinds(fault={"drop": 1})) == {"drop"}
    assert set(kinds(fault={str(status): 0.1 for status in range(500, 510)})) == {str(s) for s in range(500, 510)}


def test_it_takes_fail_for_the_share_of_400():
    assert Behaviour().changed({"fail": 0.1}) == Behaviour(fault={"400": 0.1})
    assert Behaviour().changed({"fail": 0.1, "fault": {"503": 0.2}}) == Behaviour(fault={"503": 0.2, "400": 0.1})
    assert Behaviour(fault={"503": 0.2}).changed({"fail": 0.1}) == Behaviour(fault={"503": 0.2, "400": 0.1})


def test_it_changes_only_what_is_named():
    before = Behaviour(latency=0.5, fault={"503": 0.1}, seed=3)
    assert before.changed({"latency": 1}) == Behaviour(latency=1.0, fault={"503": 0.1}, seed=3)
    assert before.changed({"fault": {}}) == Behaviour(latency=0.5, seed=3)


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ([], "a behaviour is an object"),
        ({"latencey": 1}, "latencey is unknown; a behaviour has latency, jitter"),
        ({"latency": -1}, "latency must be a number of at least 0"),
        ({"latency": "1"}, "latency must be a number"),
        ({"latency": float("nan")}, "latency must be a number"),
        ({"jitter": True}, "jitter must be a number"),
        ({"seed": 1.5}, "seed must be a whole number"),
        ({"retry_after": -1}, "retry_after must be a whole number"),
        ({"retry_after_date": 1}, "retry_after_date must be true or false"),
        ({"fail": 1.1}, "fail must be a share from 0 to 1"),
        ({"fail": 0.6, "fault": {"500": 0.6}}, "the shares of fail add up to more than 1"),
        ({"fault": 0.1}, "fault must be an object of kind to share"),
        ({"fault": {"500": "much"}}, "fault 500 must be a number"),
        ({"fault": {"500": 0.6, "503": 0.6}}, "the shares of fault add up to more than 1"),
        ({"fault": {"explode": 0.1}}, "fault explode is unknown; a kind is an HTTP status or one of code, html"),
        ({"fault": {"200": 0.1}}, "fault 200 is unknown"),
        ({"fault": {"600": 0.1}}, "fault 600 is unknown"),
        ({"fault": {"٤٠٠": 0.1}}, "is unknown"),
    ],
)
def test_it_says_what_is_wrong_with_a_wish(wish, words):
    with pytest.raises(ValueError, match=words):
        Behaviour().changed(wish)
