"""What ended in doubt is sent once more: on an operator's word, to exactly those clients, once."""

from datetime import UTC, datetime, timedelta

import pytest

from soroka.consent.ledger import Origin
from soroka.consent.opting import opt_out
from soroka.domain.message import Reason
from soroka.models import Change, Client, Gateway, Mailing, Message
from soroka.models.consent import Channel
from tests.api.conftest import errors
from tests.rows import settle_all

WORD = {"may_arrive_twice": True}


@pytest.fixture
def doubtful(gateway, make_clients, make_mailing):
    """A mailing to five clients that is over: two in doubt, one refused, two delivered."""
    make_clients(5)
    backup = Gateway.objects.create(name="backup")
    mailing = make_mailing(
        name="News", fallbacks=[backup.name], window={"from": "00:00", "to": "24:00"}, cap={"messages": 9, "days": 7}
    )
    settle_all(mailing["id"], Reason.UNKNOWN, Reason.REJECTED, Reason.UNKNOWN)
    return mailing["id"]


def resend(api, mailing_id: int, **body):
    return api.post(f"/mailings/{mailing_id}/resend", WORD | body, format="json")


def in_doubt(mailing_id: int) -> set[int]:
    return set(Message.objects.filter(mailing=mailing_id, reason=Reason.UNKNOWN).values_list("client", flat=True))


def written_to(mailing_id: int) -> set[int]:
    return set(Message.objects.filter(mailing=mailing_id).values_list("client", flat=True))


def test_exactly_those_in_doubt_are_written_to_again(api, doubtful):
    answer = resend(api, doubtful)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert answer["Location"].endswith(f"/mailings/{made['id']}")
    assert written_to(made["id"]) == in_doubt(doubtful) and made["statistics"]["total"] == 2
    assert made["resend_of"] == doubtful and api.get(f"/mailings/{doubtful}").json()["resent_by"] == made["id"]


def test_it_says_the_same_by_the_same_ways(api, doubtful):
    made, first = resend(api, doubtful).json(), api.get(f"/mailings/{doubtful}").json()
    for field in ("name", "text", "gateway", "fallbacks", "window", "cap", "lift_cap", "widen_window"):
        assert made[field] == first[field], field
    assert made["filter"] == {"in_doubt": doubtful} and made["local_time"] is False


def test_its_end_is_as_far_away_as_it_was_or_as_is_asked(api, doubtful):
    first = Mailing.objects.get(pk=doubtful)
    resend(api, doubtful)
    made = Mailing.objects.get(resend_of=doubtful)
    assert abs((made.ends_at - made.starts_at) - (first.ends_at - first.starts_at)) < timedelta(seconds=1)
    settle_all(made.pk, Reason.UNKNOWN)
    end = (datetime.now(UTC) + timedelta(minutes=7)).replace(microsecond=0)
    resend(api, made.pk, ends_at=end.isoformat())
    assert Mailing.objects.get(resend_of=made.pk).ends_at == end


def test_a_second_time_is_refused_and_says_by_what_it_was_done(api, doubtful):
    made = resend(api, doubtful).json()["id"]
    answer = resend(api, doubtful)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:soroka:problem:already_resent")
    assert answer.json()["detail"].endswith(f" {made}.")
    assert Mailing.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"may_arrive_twice": False}, ("may_arrive_twice", "not_said")),
        ({"may_arrive_twice": None}, ("may_arrive_twice", "null")),
        ({"may_arrive_twice": 1}, ("may_arrive_twice", "invalid")),
        ({"ends_at": "2001-01-01T00:00:00Z"}, ("ends_at", "ends_in_past")),
        ({"ends_at": "soon"}, ("ends_at", "invalid_time")),
    ],
)
def test_it_needs_the_word_and_a_good_end(api, doubtful, body, error):
    answer = resend(api, doubtful, **body)
    assert (answer.status_code, errors(answer)) == (400, {error})
    assert not Mailing.objects.filter(resend_of=doubtful).exists()


def test_the_word_is_never_taken_for_granted(api, doubtful):
    answer = api.post(f"/mailings/{doubtful}/resend", {}, format="json")
    assert errors(answer) == {("may_arrive_twice", "required")}


def test_one_that_is_not_over_is_not_resent(api, doubtful, make_mailing):
    running = make_mailing()["id"]
    Message.objects.filter(mailing=running).update(reason=Reason.UNKNOWN)
    for _ in range(2):  # running, then cancelled with something that is not settled
        answer = resend(api, running)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:soroka:problem:not_allowed")
        api.post(f"/mailings/{running}/cancel")


def test_a_cancelled_one_is_resent_once_all_is_settled(api, doubtful):
    Mailing.objects.filter(pk=doubtful).update(cancelled_at=datetime.now(UTC))
    assert resend(api, doubtful).status_code == 201


def test_where_nothing_is_in_doubt_nothing_is_made(api, make_clients, make_mailing):
    make_clients(2)
    mailing = make_mailing()["id"]
    settle_all(mailing, Reason.REJECTED)
    assert resend(api, mailing).status_code == 409
    assert api.post(f"/mailings/{mailing}/resend", {}, format="json").status_code == 409
    assert resend(api, 999).status_code == 404


def test_once_its_messages_are_gone_nobody_knows(api, doubtful):
    Mailing.objects.filter(pk=doubtful).update(gone_at=datetime.now(UTC))
    assert resend(api, doubtful).status_code == 409


def test_who_opted_out_meanwhile_gets_none(api, doubtful):
    [gone, left] = sorted(in_doubt(doubtful))
    opt_out(gone, Origin(Channel.LINK))
    assert written_to(resend(api, doubtful).json()["id"]) == {left}


def test_what_may_have_come_counts_for_the_cap(api, doubtful):
    Mailing.objects.filter(pk=doubtful).update(cap={"messages": 1, "days": 7})
    made = resend(api, doubtful).json()
    assert made["statistics"]["not_sent"] == 2
    assert set(Message.objects.filter(mailing=made["id"]).values_list("reason", flat=True)) == {Reason.CAPPED}


def test_its_audience_stays_what_it_is(api, doubtful):
    made = resend(api, doubtful).json()["id"]
    answer = api.patch(f"/mailings/{made}", {"filter": {"everyone": True}}, format="json")
    assert answer.status_code == 409
    assert (
        api.patch(f"/mailings/{made}", {"filter": {"in_doubt": doubtful}, "name": "Again"}, format="json").json()[
            "name"
        ]
        == "Again"
    )


def test_one_that_was_removed_leaves_the_first_to_be_resent(api, doubtful):
    made = resend(api, doubtful).json()["id"]
    assert api.delete(f"/mailings/{made}").status_code == 204
    assert api.get(f"/mailings/{doubtful}").json()["resent_by"] is None
    assert resend(api, doubtful).status_code == 201


def test_a_viewer_may_not(caller, api, doubtful):
    assert resend(caller("viewer"), doubtful).status_code == 403


def test_the_trail_tells_it_of_both(api, doubtful):
    made = resend(api, doubtful).json()["id"]
    told = Change.objects.filter(kind="mailing", object_id__in=[doubtful, made]).order_by("-id")
    assert [(row.object_id, row.action) for row in told[:2]] == [(made, "created"), (doubtful, "resent")]
    assert told[0].after["resend_of_id"] == doubtful


def test_a_deleted_client_is_not_written_to(api, doubtful):
    [gone, left] = sorted(in_doubt(doubtful))
    Client.objects.filter(pk=gone).delete()
    assert written_to(resend(api, doubtful).json()["id"]) == {left}
