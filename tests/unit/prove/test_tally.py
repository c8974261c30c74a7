"""The arithmetic of a verdict sees every way in which a promise can be broken."""

import pytest

from soroka.domain.message import Reason, Status
from soroka.prove import tally
from soroka.prove.record import Call
from soroka.prove.tally import Entry

DELIVERED = Entry(Status.DELIVERED, None)
WAITING = Entry(Status.IN_PROCESS, None)
UNKNOWN = Entry(Status.NOT_SENT, Reason.UNKNOWN)
EXPIRED = Entry(Status.NOT_SENT, Reason.EXPIRED)


def call(message, at=100.0, answer="ok"):
    return Call(at, message, answer, answer in ("ok", "lose", "half"))


def broken(ledger, calls, expected=None, allowed=()):
    """The promises under every fault that do not hold."""
    promises = tally.nothing_lost(ledger, calls, len(ledger) if expected is None else expected, allowed)
    return {promise.text for promise in promises if not promise.holds}


def test_a_mailing_that_was_sent_whole_breaks_nothing():
    assert broken({1: DELIVERED, 2: DELIVERED}, [call(1), call(2)]) == set()


@pytest.mark.parametrize(
    ("ledger", "calls", "text"),
    [
        ({1: DELIVERED}, [], "nothing is lost"),
        ({1: DELIVERED}, [], "what counts as delivered was accepted"),
        ({1: EXPIRED}, [], "nothing is lost"),
        ({1: WAITING}, [call(1)], "everything is settled"),
        ({1: EXPIRED}, [call(1)], "what was accepted is delivered or in doubt"),
        ({1: DELIVERED}, [call(1), call(2)], "nothing is offered that was not planned"),
    ],
)
def test_a_broken_promise_is_named(ledger, calls, text):
    assert text in broken(ledger, calls)


def test_an_audience_that_is_planned_in_part_or_twice_is_seen():
    assert broken({1: DELIVERED}, [call(1)], expected=2) == {"everybody is planned once"}
    assert broken({1: DELIVERED, 2: DELIVERED}, [call(1), call(2)], expected=1) == {"everybody is planned once"}


def test_an_allowed_reason_excuses_only_what_was_never_accepted():
    assert broken({1: EXPIRED}, [call(1, answer="503")], allowed={Reason.EXPIRED}) == set()
    assert broken({1: EXPIRED}, [call(1)], allowed={Reason.EXPIRED}) == {"what was accepted is delivered or in doubt"}


def test_a_message_in_doubt_may_have_been_accepted_or_not():
    assert broken({1: UNKNOWN, 2: UNKNOWN}, [call(1)], allowed={Reason.UNKNOWN}) == set()


def test_the_numbers_are_counted_in_messages():
    ledger = {1: DELIVERED, 2: UNKNOWN, 3: EXPIRED, 4: WAITING}
    calls = [call(1), call(1), call(2, answer="lose"), call(4, answer="503"), call(4, answer="503")]
    assert tally.numbers(ledger, calls, {Reason.EXPIRED}) == tally.Numbers(
        planned=4, offered=3, accepted=2, delivered=1, not_sent=1, twice=1, lost=1, doubt=1
    )


def test_a_doubled_call_is_seen_whatever_its_answer():
    assert tally.offered_once([call(1), call(2)]).holds
    assert not tally.offered_once([call(1), call(1, answer="503")]).holds
    assert tally.accepted_once([call(1), call(1, answer="503")]).holds
    assert not tally.accepted_once([call(1), call(1)]).holds


def test_a_repeat_needs_a_fault_at_which_the_message_was_unsettled():
    twice = [call(1), call(1), call(2)]
    assert tally.repeats_explained(twice, [{1, 2}]).holds
    assert not tally.repeats_explained(twice, [{2}]).holds
    assert not tally.repeats_explained([*twice, call(1)], [{1, 2}]).holds
    assert tally.repeats_explained([*twice, call(1)], [{1}, {1}]).holds


def test_a_doubt_needs_a_fault_at_which_the_message_was_unsettled():
    assert tally.doubts_end({1: UNKNOWN, 2: DELIVERED}, [], [{1}]).holds
    assert not tally.doubts_end({1: UNKNOWN, 2: DELIVERED}, [], [{2}]).holds


def test_a_message_that_few_faults_met_must_not_end_in_doubt():
    assert tally.worn_out({1: UNKNOWN, 2: DELIVERED}, [{1}, {1}], tries=2).holds
    assert not tally.worn_out({1: UNKNOWN, 2: DELIVERED}, [{1}, {2}], tries=2).holds


def test_an_early_and_a_late_call_are_seen():
    calls = [call(1, at=99.0), call(2, at=101.0)]
    assert not tally.none_after(calls, 100.0, "").holds
    assert tally.none_after(calls, 101.0, "").holds
    assert not tally.none_before(calls, 100.0, "").holds
    assert tally.none_before(calls, 99.0, "").holds
    assert not tally.none_within(calls, 98.0, 100.0, "").holds
    assert tally.none_within(calls, 99.5, 100.5, "").holds


def test_what_never_came_is_not_in_time():
    assert tally.within(1.0, 2.0, "").holds
    assert not tally.within(2.1, 2.0, "").holds
    assert not tally.within(None, 2.0, "").holds


def test_what_never_came_is_no_matter_of_a_busy_machine():
    assert tally.within(2.1, 2.0, "").timed
    assert not tally.within(None, 2.0, "").timed
