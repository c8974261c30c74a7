"""A mailing is judged and forgotten; what is strange about its messages is not."""

from soroka.prove.record import Call
from soroka.prove.soak.accounts import Accounts
from soroka.prove.tally import Entry

DELIVERED, OPEN = Entry(1, None), Entry(0, None)


def accounts(*calls):
    """Whose gateway notes these calls, one after the other."""
    left = [list(calls)]
    return Accounts(lambda: left.pop() if left else [])


def call(message, answer="ok", at=0.0):
    return Call(at, message, answer, answer in {"ok", "lose"})


def broken(kept):
    return [promise.text for promise in kept.promises() if not promise.holds]


def test_mailings_are_added_up():
    kept = accounts(call(1), call(2), call(3), call(3, at=1.0))
    kept.unsettled_at_fault([3])
    kept.close({1: DELIVERED, 2: DELIVERED}, 2)
    kept.close({3: DELIVERED}, 1)
    assert (kept.total.planned, kept.total.accepted, kept.total.twice, kept.total.lost) == (3, 3, 1, 0)
    assert broken(kept) == []


def test_what_is_lost_or_left_open_is_seen():
    kept = accounts(call(1))
    kept.close({1: DELIVERED, 2: DELIVERED, 3: OPEN}, 4)
    assert broken(kept) == [
        "everybody is planned once",
        "everything is settled",
        "nothing is lost",
        "what counts as delivered was accepted",
    ]


def test_a_message_is_accepted_twice_only_where_it_was_in_doubt():
    kept = accounts(call(1, "lose"), call(1), call(2), call(2))
    kept.close({1: DELIVERED, 2: DELIVERED}, 2)
    (found,) = broken(kept)
    assert found == "accepted twice is only what was in doubt at a fault"


def test_a_call_after_the_end_of_its_mailing_is_seen():
    kept = accounts(call(1), call(2))
    kept.close({1: DELIVERED}, 1)
    assert broken(kept) == ["nothing is offered whose mailing is over or unknown"]
