"""Who opted out stays so: beyond his deletion, under another number, and however he comes back."""

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from soroka.consent.ledger import Origin
from soroka.consent.opting import opt_in, opt_out, opt_out_phone
from soroka.consent.suppression import heed, is_suppressed
from soroka.imports.run import run
from soroka.imports.upload import Options, keep
from soroka.management.commands.prepare import check_keys
from soroka.models import Client, Consent, Message
from soroka.models.consent import Channel
from tests.integration.conftest import other_connection, wait_until_blocked

LINK = Origin(Channel.LINK)
PAPER = Origin(Channel.API, "anna", "A form of paper", "I agree to be written to.")


def imported(*phones: int) -> dict[int, bool]:
    """Import clients; who of them is opted out then."""
    file = "\n".join(["phone", *map(str, phones)]).encode()
    run(keep([file], "clients.csv", Options()).pk)
    return dict(Client.objects.filter(phone__in=phones).values_list("phone", "opted_out"))


@pytest.fixture
def gone(make_clients):
    """The phone of a client who opted out and was deleted."""
    [client] = make_clients(1)
    opt_out(client.pk, LINK)
    client.delete()
    return client.phone


def test_an_import_brings_nobody_back_who_had_opted_out(gone, make_clients):
    [known] = make_clients(1)
    assert imported(gone, 79990000001, known.phone) == {gone: True, 79990000001: False, known.phone: False}


@pytest.mark.django_db(transaction=True)
def test_an_import_waits_for_who_suppresses_a_phone_just_now():
    with other_connection() as elsewhere:
        with transaction.atomic():
            assert opt_out_phone(79990000001, LINK)
            importing = elsewhere(imported, 79990000001, 79990000002)
            wait_until_blocked()
        assert importing.result(10) == {79990000001: True, 79990000002: False}


def test_a_reply_waits_for_a_client_who_is_being_made_and_opts_him_out(make_clients):
    [known] = make_clients(1)
    with other_connection() as elsewhere:
        with transaction.atomic():
            made = Client.objects.create(phone=79990000001, operator_code=999, zone=known.zone)
            heed(made)
            reply = elsewhere(opt_out_phone, made.phone, LINK)
            wait_until_blocked()
        assert reply.result(10)
    made.refresh_from_db()
    assert made.opted_out
    assert list(Consent.objects.values_list("client_id", flat=True)) == [made.pk]


def test_an_opt_out_stops_what_is_planned_and_an_opt_in_lifts_the_suppression(make_clients, make_mailing):
    [client, other] = make_clients(2)
    make_mailing(starts_in=60)
    assert opt_out(client.pk, LINK)
    assert not opt_out(client.pk, LINK)
    assert dict(Message.objects.values_list("client_id", "reason")) == {client.pk: 5, other.pk: None}
    assert is_suppressed(client.phone)
    assert opt_in(client.pk, PAPER)
    assert not opt_in(client.pk, PAPER)
    assert not is_suppressed(client.phone)
    assert list(Consent.objects.order_by("id").values_list("act", "channel", "recorded_by")) == [
        ("opt_out", "link", ""), ("opt_in", "api", "anna"),
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_phone_that_nobody_has_is_suppressed_once():
    assert opt_out_phone(79990000001, LINK)
    assert not opt_out_phone(79990000001, LINK)
    assert Consent.objects.get().client_id is None
    assert imported(79990000001) == {79990000001: True}


def test_an_older_key_is_still_known_and_a_lost_one_is_noticed(gone, settings):
    settings.SUPPRESSION_KEYS = ["a new one", settings.SECRET_KEY]
    assert imported(gone) == {gone: True}
    check_keys()
    settings.SUPPRESSION_KEYS = ["a new one"]
    with pytest.raises(CommandError, match="SUPPRESSION_KEY=new,old"):
        check_keys()
    with pytest.raises(CommandError, match="SUPPRESSION_KEY=new,old"):
        call_command("prepare", verbosity=0)
