"""Once messages were removed by age, what is asked about them is answered honestly."""

import pytest
from django.db.models.functions import Now

from soroka.models import Batch, Mailing, Message
from tests.api.conftest import errors


@pytest.fixture
def gone(gateway, make_clients, make_mailing):
    """A mailing whose two messages were removed."""
    make_clients(2)
    mailing = make_mailing()["id"]
    for rows in (Message, Batch):
        rows.objects.filter(mailing=mailing).delete()
    Mailing.objects.filter(pk=mailing).update(
        gone_at=Now(),
        gone_total=2,
        gone_delivered=1,
        gone_not_sent=1,
        breakdown={"not_sent_by_reason": {"rejected": 1}},
    )
    return mailing


@pytest.mark.parametrize("path", ["/mailings/{}/messages", "/mailings/{}/messages/export.csv", "/messages?mailing={}"])
def test_a_list_of_them_says_that_they_are_gone(api, gone, path):
    answer = api.get(path.format(gone))
    assert (answer.status_code, answer.json()["type"]) == (410, "urn:soroka:problem:messages_gone")


def test_counts_stay(api, gone):
    four = {"total": 2, "in_process": 0, "delivered": 1, "not_sent": 1}
    mailing = api.get(f"/mailings/{gone}").json()
    assert (mailing["statistics"], mailing["status"]) == (four, "finished")
    assert mailing["messages_gone_at"]
    assert api.get(f"/mailings/{gone}/statistics").json().items() >= four.items()
    assert api.get("/mailing-statistics").json()["messages"] == four


def test_a_filter_cannot_ask_about_them(api, gone, mailing_body):
    body = mailing_body | {"filter": {"not": {"delivered": gone}}}
    answer = api.post("/mailings", body, format="json")
    assert (answer.status_code, errors(answer)) == (400, {("filter.not.delivered", "messages_gone")})


def test_a_cap_cannot_count_further_back_than_messages_are_kept(api, gateway, mailing_body, settings):
    settings.RETENTION_DAYS = 7
    assert api.post("/mailings", mailing_body | {"cap": {"messages": 1, "days": 7}}, format="json").status_code == 201
    answer = api.post("/mailings", mailing_body | {"cap": {"messages": 1, "days": 8}}, format="json")
    assert (answer.status_code, errors(answer)) == (400, {("cap", "beyond_retention")})
