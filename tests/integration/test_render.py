from collections.abc import Callable
from typing import Any

import pytest

from soroka.delivery.ports import Lease
from soroka.domain.message import Reason, Status
from soroka.models import Attempt, Client, Mailing, Message, MessageText, Tag
from soroka.models.link import client_of
from soroka.queue.offer import offer
from soroka.queue.rescue import rescue
from soroka.statistics.tally import Counts, counts
from tests.integration.conftest import lapse

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Mailing]
MakeClients = Callable[..., list[Client]]
ClaimOne = Callable[[], Lease]

GREETING = "{{ name | default: 'друг' }}, {{ phone }}{% if tags contains 'VIP' %}!{% endif %}"


def texts(lease: Lease) -> list[str]:
    result = offer(lease, 100)
    assert result is not None
    return [message.text for message in result.messages]


def test_a_plain_text_is_the_same_for_all_and_kept_nowhere(
    make_clients: MakeClients, make_mailing: Make, claim_one: ClaimOne
) -> None:
    make_clients(2)
    make_mailing(text="Скидки до 50%... {ура}")
    assert texts(claim_one()) == ["Скидки до 50%... {ура}"] * 2
    assert not MessageText.objects.exists()


def test_a_template_is_filled_in_for_each_client(
    make_clients: MakeClients, make_mailing: Make, claim_one: ClaimOne
) -> None:
    vip = Tag.objects.create(name="VIP")
    (ivan,) = make_clients(1, attributes={"name": "Иван", "phone": "not his"}, tag_ids=[vip.pk])
    (nameless,) = make_clients(1)
    make_mailing(text=GREETING)
    assert texts(claim_one()) == [f"Иван, {ivan.phone}!", f"друг, {nameless.phone}"]


def test_what_was_rendered_before_a_crash_is_said_again(
    make_clients: MakeClients, make_mailing: Make, claim_one: ClaimOne
) -> None:
    make_clients(1, attributes={"name": "Иван"})
    make_mailing(text="{{ name }}")
    lease = claim_one()
    assert texts(lease) == ["Иван"]
    Client.objects.update(attributes={"name": "Пётр"})
    lapse(lease.batch_id)
    rescue()
    assert texts(claim_one()) == ["Иван"]


def test_what_cannot_be_rendered_is_invalid_and_says_why(
    make_clients: MakeClients, make_mailing: Make, claim_one: ClaimOne
) -> None:
    make_clients(1, attributes={"share": 2})
    (zero,) = make_clients(1, attributes={"share": 0})
    mailing = make_mailing(text="{{ 10 | divided_by: share }}")
    assert texts(claim_one()) == ["5"]
    assert counts([mailing.pk])[mailing.pk] == Counts(2, 1, 0, 1)
    message = Message.objects.get(client=zero)
    assert (message.status, message.reason) == (Status.NOT_SENT, Reason.INVALID)
    (attempt,) = Attempt.objects.filter(message=message)
    assert (attempt.outcome, attempt.gateway) == ("invalid", None)
    assert "divide" in attempt.detail


def test_no_attribute_name_is_in_the_way(make_clients: MakeClients, make_mailing: Make, claim_one: ClaimOne) -> None:
    make_clients(1, attributes={"self": "сам", "phone": "1", "tags": "x", "text": "y"})
    make_mailing(text="{{ self }}")
    assert texts(claim_one()) == ["сам"]


def test_the_link_is_each_clients_own_and_no_attribute_poses_as_it(
    make_clients: MakeClients, make_mailing: Make, claim_one: ClaimOne, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://sms.example"
    clients = make_clients(2, attributes={"opt_out_url": "https://evil.example"})
    make_mailing(text="{% if phone %}{{ opt_out_url }}{% endif %}")
    links = texts(claim_one())
    assert [client_of(link.removeprefix("https://sms.example/u/")) for link in links] == [each.pk for each in clients]


def test_a_text_never_goes_out_without_the_link_that_it_promises(
    make_clients: MakeClients, make_mailing: Make, claim_one: ClaimOne, settings: Any
) -> None:
    settings.PUBLIC_URL = ""
    make_clients(1)
    make_mailing(text="No more of it: {{ opt_out_url }}")
    assert texts(claim_one()) == []
    assert Attempt.objects.get().detail == "PUBLIC_URL is not set: opt_out_url cannot be made."
