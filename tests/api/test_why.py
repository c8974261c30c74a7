"""Why a client is in a mailing or not; and the verdicts of all clients of a segment sum to the segment."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from soroka.audience.filter import Filter
from soroka.domain.message import Reason, Status
from soroka.models import Attempt, Client, Mailing, Message
from soroka.planning.launch import create_mailing
from soroka.planning.revise import revise
from soroka.queue.withdraw import cancel
from tests.api.conftest import errors

ASKED = {"and": [{"tags": {"any": ["vip"], "none": ["bad"]}}, {"not": {"attribute": "city", "eq": "Omsk"}}]}


@pytest.fixture
def bad(api):
    return api.post("/tags", {"name": "bad"}, format="json").json()


@pytest.fixture
def ask(api):
    def why(client, mailing, **headers):
        answer = api.get(f"/clients/{client.pk}/why?mailing={mailing['id']}", headers=headers)
        assert answer.status_code == 200, answer.content
        return answer.json()

    return why


def passed(told):
    return {part["path"]: part["passed"] for part in told["because"]}


def test_it_says_which_part_of_the_filter_failed(ask, gateway, vip, bad, make_clients, make_mailing):
    [taken] = make_clients(1, tag_ids=[vip.pk])
    [wrong] = make_clients(1, tag_ids=[vip.pk], attributes={"city": "Omsk"})
    [both] = make_clients(1, tag_ids=[bad["id"]])
    mailing = make_mailing(filter=ASKED)
    told = ask(wrong, mailing, accept_language="en")
    assert {name: told[name] for name in ("chosen", "verdict", "reason", "message", "story", "fits_now")} == {
        "chosen": False, "verdict": "not_chosen", "reason": "filter", "message": None, "story": [], "fits_now": False,
    }  # fmt: skip
    assert told["words"] == "The client does not meet the filter."
    assert passed(told) == {
        "created_at": True, "opted_out": True, "filter.and": False, "filter.and[0].tags": True,
        "filter.and[0].tags.any": True, "filter.and[0].tags.none": True, "filter.and[1].not": False,
        "filter.and[1].not.attribute": True,
    }  # fmt: skip
    assert told["because"][-1]["words"] == "city is «Omsk»"
    assert ask(wrong, mailing, accept_language="ru")["words"] == "Клиент не подходит под фильтр."
    assert passed(ask(both, mailing))["filter.and[0].tags.any"] is False
    assert passed(ask(both, mailing))["filter.and[0].tags.none"] is False
    told = ask(taken, mailing)
    assert (told["chosen"], told["verdict"], told["reason"], told["fits_now"]) == (True, "in_process", None, True)
    assert set(passed(told).values()) == {True, False}  # he is not in Omsk, and that is what is asked for


def test_it_says_of_the_short_form_too(ask, gateway, vip, make_clients, make_mailing):
    make_clients(1, tag_ids=[vip.pk])
    [other] = make_clients(1, operator_code=926, tag_ids=[vip.pk])
    mailing = make_mailing(filter={"tags": ["vip"], "operator_codes": ["916"]})
    assert passed(ask(other, mailing)) == {
        "created_at": True, "opted_out": True, "filter.tags": True, "filter.operator_codes": False,
    }  # fmt: skip


def test_it_tells_what_was_sent_and_answered(ask, gateway, make_clients, make_mailing):
    [client] = make_clients(1)
    mailing = make_mailing()
    message = Message.objects.get()
    Attempt.objects.create(message=message, gateway=gateway, outcome="deferred", detail="busy")
    Message.objects.filter(pk=message.pk).update(status=Status.DELIVERED)
    told = ask(client, mailing, accept_language="en")
    assert (told["verdict"], told["reason"], told["message"]) == ("delivered", None, message.pk)
    assert [step["title"] for step in told["story"]] == [
        "Planned", "Due", "not taken, to be tried again", "Delivered",
    ]  # fmt: skip
    assert told["story"][2]["detail"] == "default: busy"


def test_a_message_is_the_truth_whatever_the_client_is_now(ask, gateway, vip, bad, make_clients, make_mailing):
    [client] = make_clients(1, tag_ids=[vip.pk])
    [later] = make_clients(1)
    mailing = make_mailing(filter=ASKED)
    Client.objects.filter(pk=client.pk).update(tag_ids=[])
    Client.objects.filter(pk=later.pk).update(tag_ids=[vip.pk])
    told = ask(client, mailing)
    assert (told["chosen"], told["verdict"], told["fits_now"]) == (True, "in_process", False)
    told = ask(later, mailing)
    assert (told["chosen"], told["verdict"], told["reason"], told["fits_now"]) == (
        False, "not_chosen", "changed_since", True,
    )  # fmt: skip


@pytest.mark.parametrize("reason", list(Reason))
def test_what_was_not_sent_has_the_reason_of_its_message(ask, gateway, make_clients, make_mailing, reason):
    [client] = make_clients(1)
    mailing = make_mailing()
    Message.objects.update(status=Status.NOT_SENT, reason=reason)
    told = ask(client, mailing)
    assert (told["chosen"], told["verdict"], told["reason"]) == (True, "not_sent", reason.slug)
    assert told["words"]


def test_a_message_in_doubt_is_in_process_without_a_reason(ask, gateway, make_clients, make_mailing):
    [client] = make_clients(1)
    mailing = make_mailing()
    Message.objects.update(reason=Reason.UNKNOWN)
    assert (ask(client, mailing)["verdict"], ask(client, mailing)["reason"]) == ("in_process", None)


def test_who_came_later_or_opted_out_was_not_chosen(ask, gateway, make_clients, make_mailing):
    [out] = make_clients(1, opted_out=True)
    mailing = make_mailing()
    [newcomer] = make_clients(1)
    told = ask(out, mailing)
    assert (told["verdict"], told["reason"], passed(told)["opted_out"]) == ("not_chosen", "opted_out", False)
    told = ask(newcomer, mailing)
    assert (told["verdict"], told["reason"], passed(told)["created_at"]) == ("not_chosen", "came_later", False)


def test_what_is_not_planned_yet_says_so(ask, gateway, make_clients):
    [client] = make_clients(1)
    mailing = create_mailing(
        name="", text="x", audience=Filter(everyone=True), starts_at=None,
        ends_at=datetime.now(UTC) + timedelta(hours=1), local_time=False, gateway=gateway, user=None,
    )  # fmt: skip
    told = ask(client, {"id": mailing.pk})
    assert (told["chosen"], told["verdict"], told["reason"]) == (False, "not_planned", None)
    cancel(mailing.pk)
    told = ask(client, {"id": mailing.pk})
    assert (told["verdict"], told["reason"]) == ("not_chosen", "cancelled")


def test_a_message_of_a_plan_that_was_given_up_counts_for_nothing(ask, gateway, make_clients, make_mailing):
    [client] = make_clients(1)
    [other] = make_clients(1, operator_code=926)
    mailing = make_mailing()
    revise(mailing["id"], {"audience": Filter(operator_codes=(926,))})
    assert Message.objects.filter(client=client.pk).exists()  # it goes in the background
    told = ask(client, mailing)
    assert (told["chosen"], told["verdict"], told["reason"]) == (False, "not_chosen", "filter")
    assert ask(other, mailing)["verdict"] == "not_planned"


def test_it_needs_a_client_and_a_mailing_that_are_there(api, caller, gateway, make_clients, make_mailing):
    [client] = make_clients(1)
    mailing = make_mailing()
    assert errors(api.get(f"/clients/{client.pk}/why")) == {("mailing", "required")}
    assert errors(api.get(f"/clients/{client.pk}/why?mailing=x")) == {("mailing", "invalid")}
    assert api.get(f"/clients/{client.pk}/why?mailing=99999").status_code == 404
    assert api.get(f"/clients/{client.pk + 9}/why?mailing={mailing['id']}").status_code == 404
    assert caller("viewer").get(f"/clients/{client.pk}/why?mailing={mailing['id']}").status_code == 200
    assert caller().get(f"/clients/{client.pk}/why?mailing={mailing['id']}").status_code == 401


def test_the_verdicts_of_a_segment_sum_to_it_and_are_those_of_its_clients(
    api, ask, gateway, vip, bad, make_clients, make_mailing, django_assert_max_num_queries
):
    make_clients(4, tag_ids=[vip.pk])
    make_clients(3, tag_ids=[vip.pk], attributes={"city": "Omsk"})
    make_clients(2, tag_ids=[vip.pk], opted_out=True)
    [changed, _] = make_clients(2, tag_ids=[bad["id"]])
    mailing = make_mailing(filter=ASKED)
    ids = list(Message.objects.order_by("pk").values_list("pk", flat=True))
    Message.objects.filter(pk=ids[0]).update(status=Status.DELIVERED)
    Message.objects.filter(pk=ids[1]).update(status=Status.NOT_SENT, reason=Reason.REJECTED)
    Message.objects.filter(pk=ids[2]).update(reason=Reason.UNKNOWN)
    Client.objects.filter(pk=changed.pk).update(tag_ids=[vip.pk])
    make_clients(1, tag_ids=[vip.pk])
    segment = api.post("/segments", {"name": "vip", "filter": {"tags": {"any": ["vip"]}}}, format="json").json()

    with django_assert_max_num_queries(8):
        told = api.get(f"/segments/{segment['id']}/why?mailing={mailing['id']}").json()
    counted = {(row["verdict"], row["reason"]): row["clients"] for row in told["verdicts"]}
    assert counted == {
        ("delivered", None): 1, ("not_sent", "rejected"): 1, ("in_process", None): 2, ("not_chosen", "filter"): 3,
        ("not_chosen", "opted_out"): 2, ("not_chosen", "changed_since"): 1, ("not_chosen", "came_later"): 1,
    }  # fmt: skip
    members = Client.objects.filter(tag_ids__contains=[vip.pk])
    assert told["clients"] == sum(counted.values()) == members.count() == 11
    each = Counter((ask(client, mailing)["verdict"], ask(client, mailing)["reason"]) for client in members)
    assert each == counted
    assert Mailing.objects.count() == 1
    assert errors(api.get(f"/segments/{segment['id']}/why")) == {("mailing", "required")}
