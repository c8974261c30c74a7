"""What is in doubt is sent once more from the command line, by somebody who knows what it means."""

from datetime import UTC, datetime

import pytest

from soroka.domain.message import Reason
from soroka.models import Mailing, Message
from tests.rows import settle_all


@pytest.fixture
def doubtful(make_clients, make_mailing) -> int:
    make_clients(3)
    mailing = make_mailing()
    settle_all(mailing.pk, Reason.UNKNOWN)
    return mailing.pk


def test_a_script_says_that_it_may_arrive_twice(told, refused, doubtful):
    error = refused(2, "mailing", "resend", doubtful)["errors"][0]
    assert (error["code"], error["option"]) == ("not_said", "--may-arrive-twice")
    made = told("mailing", "resend", doubtful, "--may-arrive-twice", "--end", "+2h")
    assert (made["resend_of"], made["statistics"]["total"]) == (doubtful, 1)


def test_a_person_is_asked(soroka, person, doubtful):
    declined = soroka("mailing", "resend", doubtful, typed="n\n")
    assert declined.exit_code == 1 and "1 message once more that may have come already?" in declined.stderr
    assert not Mailing.objects.filter(resend_of=doubtful).exists()
    assert soroka("mailing", "resend", doubtful, typed="y\n").exit_code == 0
    assert Message.objects.filter(mailing__resend_of=doubtful).count() == 1


def test_a_second_time_is_not_possible(told, refused, doubtful):
    made = told("mailing", "resend", doubtful, "--may-arrive-twice")
    error = refused(4, "mailing", "resend", doubtful, "--may-arrive-twice")
    assert error["type"] == "urn:soroka:problem:already_resent" and f" {made['id']}." in error["detail"]


def test_where_nothing_can_be_resent_nobody_is_asked_for_the_word(refused, doubtful, make_mailing):
    running = make_mailing().pk
    Mailing.objects.filter(pk=doubtful).update(gone_at=datetime.now(UTC))
    for mailing in (running, doubtful):
        assert refused(4, "mailing", "resend", mailing)["type"] == "urn:soroka:problem:not_allowed"


def test_what_is_not_there_is_not_found(refused):
    assert refused(3, "mailing", "resend", "4711", "--may-arrive-twice")["type"] == "urn:soroka:problem:not_found"
