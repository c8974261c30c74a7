"""What is in doubt is sent once more from the page of a mailing, after a question and on a word."""

from datetime import UTC, datetime, timedelta

import pytest

from soroka.domain.message import Reason
from soroka.models import Mailing, Message
from soroka.statistics.tally import fold
from tests.admin.conftest import tomorrow
from tests.admin.pages import seen
from tests.rows import settle_all

BUTTON = "Resend what is in doubt"


@pytest.fixture
def desk(enter):
    return enter("operator", "en")


@pytest.fixture
def doubtful(mailing):
    settle_all(mailing.pk, Reason.REJECTED, Reason.UNKNOWN)
    fold()
    return mailing


def page(mailing: Mailing, name: str = "change") -> str:
    return f"/admin/soroka/mailing/{mailing.pk}/{name}/"


def test_it_is_offered_where_something_is_in_doubt_and_nothing_runs_any_more(desk, enter, mailing):
    assert BUTTON not in seen(desk.get(page(mailing)))
    settle_all(mailing.pk, Reason.UNKNOWN)
    assert BUTTON in seen(desk.get(page(mailing)))
    assert BUTTON not in seen(enter("viewer", "en").get(page(mailing)))
    assert enter("viewer", "en").get(page(mailing, "resend")).status_code == 403


def test_it_asks_first_and_says_how_many_are_meant(desk, doubtful):
    texts = seen(desk.get(page(doubtful, "resend")))
    assert "1 message is in doubt" in texts
    assert Mailing.objects.count() == 1


def test_without_the_word_nothing_is_made(desk, doubtful):
    answer = desk.post(page(doubtful, "resend"), {"ends_at": ""})
    assert answer.context["form"].errors.keys() == {"may_arrive_twice"}
    assert Mailing.objects.count() == 1


@pytest.mark.parametrize("end", ["2001-01-01T10:00", "soon"])
def test_a_bad_end_is_told_at_its_field(desk, doubtful, end):
    answer = desk.post(page(doubtful, "resend"), {"may_arrive_twice": "on", "ends_at": end})
    assert answer.context["form"].errors.keys() == {"ends_at"}
    assert Mailing.objects.count() == 1


def test_with_the_word_the_other_mailing_is_made_and_each_leads_to_the_other(desk, doubtful):
    answer = desk.post(page(doubtful, "resend"), {"may_arrive_twice": "on", "ends_at": tomorrow(20)})
    made = Mailing.objects.get(resend_of=doubtful)
    assert answer["Location"] == page(made)
    assert Message.objects.filter(mailing=made).count() == 1
    assert made.created_by.username == "operator" and made.ends_at > datetime.now(UTC) + timedelta(hours=5)
    for one, other in ((made, doubtful), (doubtful, made)):
        assert f'href="{page(other)}"' in desk.get(page(one)).content.decode()
    assert BUTTON not in seen(desk.get(page(doubtful)))


def test_who_comes_second_is_led_to_what_the_first_made(desk, doubtful):
    for _ in range(2):
        answer = desk.post(page(doubtful, "resend"), {"may_arrive_twice": "on", "ends_at": ""}, follow=True)
    made = Mailing.objects.get(resend_of=doubtful)
    assert answer.redirect_chain == [(page(made), 302)]
    assert "It was resent already: this is the mailing that does so." in seen(answer)


def test_where_it_is_not_possible_that_is_said(desk, mailing):
    answer = desk.post(page(mailing, "resend"), {"may_arrive_twice": "on", "ends_at": ""}, follow=True)
    assert "Nothing of this mailing can be resent now." in seen(answer)
    assert Mailing.objects.count() == 1
